/**
 * Reads rsyncd.conf with all that it includes. Spec: docs/protocol/5-daemon.md, 5.3.
 * @module
 */
import { readdirSync, type Stats, statSync } from "node:fs";
import { RsyncError } from "@tsrsync/protocol";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { pathBytes, readTrusted, reason } from "@tsrsync/transfer";
import { ConfigBuilder } from "./config-builder.js";
import { ConfigError } from "./config-error.js";
import type { DaemonConfig } from "./daemon-config.js";
import { type Dparam, parseDparam } from "./dparam.js";
import { CONNECTION_VARIABLES, type Variables } from "./expand.js";
import { lexConfig } from "./lexer.js";
import { matchKey } from "./parameters.js";

const MAX_NESTING = 16;

/** How a configuration is read. */
export interface LoadOptions {
  /** The environment that `%NAME%` refers to. */
  env: Readonly<Record<string, string | undefined>>;
  /** The `--dparam` options, `NAME=VALUE` each, in order. */
  dparams?: readonly string[];
  /**
   * `global`: up to the first section header of any kind, as a listener reads it. `all`, the default: everything, as it is
   * read for each connection.
   */
  part?: "all" | "global";
}

/**
 * Reads the configuration in `file`.
 * @throws ConfigError with the lines for the log when it can not be used.
 */
export function loadConfig(
  file: string,
  { env, dparams = [], part = "all" }: LoadOptions,
): DaemonConfig {
  const builder = new ConfigBuilder(toVariables(env));
  try {
    const overrides = dparams.map((text) => parseDparam(byteStringFromText(text)));
    const loader = new Loader(builder, overrides, part === "global");
    loader.load(byteStringFromText(file));
    return builder.finish();
  } catch (error) {
    if (!(error instanceof RsyncError)) throw error;
    throw new ConfigError(error.message, { cause: error, warnings: builder.warnings });
  }
}

function toVariables(env: LoadOptions["env"]): Variables {
  const variables: Record<string, ByteString> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || CONNECTION_VARIABLES.includes(name)) continue;
    variables[name] = byteStringFromText(value);
  }
  return variables;
}

class Loader {
  readonly #builder: ConfigBuilder;
  readonly #overrides: readonly Dparam[];
  readonly #isGlobalOnly: boolean;
  #nesting = 0;
  #isStopped = false;

  constructor(builder: ConfigBuilder, overrides: readonly Dparam[], isGlobalOnly: boolean) {
    this.#builder = builder;
    this.#overrides = overrides;
    this.#isGlobalOnly = isGlobalOnly;
  }

  load(file: ByteString): void {
    this.#readFile(file);
    // A whole file without any module still has a global part.
    if (!this.#builder.hasModules) this.#applyOverrides();
  }

  #applyOverrides(): void {
    for (const { spec, value } of this.#overrides) this.#builder.assignEverywhere(spec, value);
  }

  #readFile(path: ByteString): void {
    if (++this.#nesting > MAX_NESTING) {
      throw new ConfigError(`config file "${path}" is nested more than ${MAX_NESTING} levels deep`);
    }
    for (const statement of lexConfig(readConfigFile(path))) {
      switch (statement.kind) {
        case "section":
          this.#enterSection(statement.name);
          break;
        case "parameter":
          this.#builder.assign(statement.name, statement.value);
          break;
        case "directive":
          this.#follow(statement.name, statement.value);
          break;
        case "ignored":
          this.#builder.warnings.push(statement.text);
          break;
      }
      if (this.#isStopped) break;
    }
    this.#nesting--;
  }

  #enterSection(name: ByteString): void {
    if (this.#isGlobalOnly) {
      this.#isStopped = true;
    } else if (matchKey(name) === "global") {
      this.#builder.leaveModule();
    } else {
      if (!this.#builder.hasModules) this.#applyOverrides();
      this.#builder.enterModule(name);
    }
  }

  #follow(directive: ByteString, path: ByteString): void {
    switch (directive.toLowerCase()) {
      case "include":
        this.#include(path);
        break;
      case "merge":
        for (const file of filesAt(path, ".inc")) this.#readUnlessStopped(file);
        break;
      default:
        throw new ConfigError(`Unknown directive: &${directive}.`);
    }
  }

  #include(path: ByteString): void {
    const files = filesAt(path, ".conf");
    this.#builder.saveDefaults();
    for (const file of files) {
      this.#builder.restoreDefaults();
      this.#readUnlessStopped(file);
    }
    this.#builder.restoreDefaults();
    this.#builder.dropSavedDefaults();
  }

  #readUnlessStopped(file: ByteString): void {
    if (!this.#isStopped) this.#readFile(file);
  }
}

function readConfigFile(path: ByteString): ByteString {
  try {
    return readTrusted(path);
  } catch (error) {
    throw failure("open config file", path, error);
  }
}

function failure(what: string, path: ByteString, cause: unknown): ConfigError {
  return new ConfigError(`unable to ${what} "${path}": ${reason(cause)}`, { cause });
}

/** The file `path` itself, or the files with this ending in the directory `path`, in the order of their bytes. */
function filesAt(path: ByteString, ending: string): ByteString[] {
  const stat = statOf(path);
  if (stat.isFile()) return [path];
  if (!stat.isDirectory()) {
    throw new ConfigError(`config file "${path}" is neither a file nor a directory`);
  }
  let names: ByteString[];
  try {
    names = readdirSync(pathBytes(path), "latin1");
  } catch (error) {
    throw failure("open config dir", path, error);
  }
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${path}/${name}`)
    .filter((file) => !statOf(file).isDirectory());
}

function statOf(path: ByteString): Stats {
  try {
    return statSync(pathBytes(path));
  } catch (error) {
    throw failure("stat config file", path, error);
  }
}
