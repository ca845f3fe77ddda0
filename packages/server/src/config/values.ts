/**
 * The text of a value, converted to its type. Spec: docs/protocol/5-daemon.md, 5.3.3.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  matchKey,
  type ParameterSpec,
  type ParameterValue,
  SYSLOG_FACILITIES,
} from "./parameters.js";

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["true", true],
  ["1", true],
  ["no", false],
  ["false", false],
  ["0", false],
]);

const MAX_INT = 0x7fffffff;

/** Leading digits with a sign, else 0; kept within 32 bits. */
function parseInteger(text: ByteString): number {
  const number = Number(/^[ \t\r\v\f]*([+-]?\d+)/.exec(text)?.[1] ?? 0);
  return Math.max(-MAX_INT - 1, Math.min(MAX_INT, number));
}

function parsePath(text: ByteString): ByteString {
  let end = text.length;
  while (end > 1 && text[end - 1] === "/") end--;
  return text.slice(0, end);
}

function parseFacility(text: ByteString): ParameterValue | undefined {
  const name = matchKey(text);
  if (SYSLOG_FACILITIES.includes(name)) return name;
  const number = parseInteger(text);
  return number > 0 ? number : undefined;
}

function parseBool3(text: ByteString): ParameterValue | undefined {
  const key = matchKey(text);
  return key === "unset" || key === "-1" ? null : BOOLEANS.get(key);
}

/** Returns `undefined` for a text that leaves the previous value in place: a bad boolean or an unknown name. */
export function parseValue(spec: ParameterSpec, text: ByteString): ParameterValue | undefined {
  switch (spec.type) {
    case "string":
      return text;
    case "path":
      return parsePath(text);
    case "integer":
      return parseInteger(text);
    case "enum":
      return parseFacility(text);
    case "bool":
      return BOOLEANS.get(matchKey(text));
    case "bool3":
      return parseBool3(text);
  }
}
