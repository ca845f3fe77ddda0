/**
 * `--dparam=NAME=VALUE`. Spec: docs/protocol/5-daemon.md, 5.3.7.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { ConfigError } from "./config-error.js";
import { findParameter, type ParameterSpec } from "./parameters.js";

/** An override from the command line. */
export interface Dparam {
  readonly spec: ParameterSpec;
  readonly value: ByteString;
}

/** @throws ConfigError when it has no `=` or names no parameter. */
export function parseDparam(text: ByteString): Dparam {
  const equals = text.indexOf("=");
  if (equals < 0) throw new ConfigError(`--dparam value is missing an '=': ${text}`);
  const name = text.slice(0, equals);
  const spec = findParameter(name);
  if (spec === undefined) throw new ConfigError(`Unknown parameter "${name}"`);
  return { spec, value: text.slice(equals + 1).replace(/^[ \t\r\n\v\f]+/, "") };
}
