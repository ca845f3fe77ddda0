/**
 * Shapes of single values.
 * @module
 */

import { nearestName } from "../nearest.js";
import type { ConfigNode } from "../node.js";
import {
  formatBytes,
  formatTime,
  parseBytes,
  parseTime,
  SIZE_PATTERN,
  TIME_PATTERN,
} from "../units.js";
import { type Reader, type Shape, wrongType } from "./shape.js";

/** A text. Numbers are none: `"1234"` needs its quotes, so that nothing is lost on the way. */
export const TEXT: Shape<string> = {
  label: "text",
  schema: { type: "string" },
  read(node, reader) {
    if (node.kind !== "scalar") return wrongType(node, "text", reader);
    if (node.untyped) return checkText(node.text, node, reader);
    if (typeof node.value === "string") return checkText(node.value, node, reader);
    const hint = node.value === null ? "" : " (in quotes it is text)";
    return wrongType(node, `text${hint}`, reader);
  },
  show: (value) => JSON.stringify(value),
};

function checkText(text: string, node: ConfigNode, reader: Reader): string | undefined {
  if (text !== "" && !text.includes("\0")) return text;
  reader.problems.add(
    node.place,
    text === "" ? "expected text, got none" : "a text can not hold NUL",
  );
  return undefined;
}

/** Text that `check` accepts: it returns what is wrong, or null. */
export function textThat(label: string, check: (text: string) => string | null): Shape<string> {
  return {
    ...TEXT,
    label,
    read(node, reader) {
      const text = TEXT.read(node, reader);
      const complaint = text === undefined ? null : check(text);
      if (complaint !== null) reader.problems.add(node.place, complaint);
      return complaint === null ? text : undefined;
    },
  };
}

/** An absolute path, without a slash at its end. */
export const ABSOLUTE_PATH: Shape<string> = {
  ...textThat("absolute path", (text) =>
    text.startsWith("/") ? null : `expected an absolute path, got ${JSON.stringify(text)}`,
  ),
  schema: { type: "string", pattern: "^/" },
};

export const BOOLEAN: Shape<boolean> = {
  label: "true or false",
  schema: { type: "boolean" },
  read(node, reader) {
    if (node.kind === "scalar") {
      if (typeof node.value === "boolean") return node.value;
      if (node.untyped && /^(true|false)$/i.test(node.text)) return /^true$/i.test(node.text);
    }
    return wrongType(node, "true or false", reader);
  },
  show: String,
};

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return numeric(min, max, true);
}

/** A number from `min` to `max`. */
export function number(min: number, max: number): Shape<number> {
  return numeric(min, max, false);
}

function numeric(min: number, max: number, whole: boolean): Shape<number> {
  const kind = whole ? "whole number" : "number";
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  const label = `${kind} ${range}`;
  return {
    label,
    schema: {
      type: whole ? "integer" : "number",
      minimum: min,
      ...(max === Number.MAX_SAFE_INTEGER ? {} : { maximum: max }),
    },
    read(node, reader) {
      const value =
        node.kind === "scalar" ? asNumber(node.value, node.untyped ? node.text : null) : null;
      if (
        value === null ||
        (whole && !Number.isSafeInteger(value)) ||
        !(value >= min && value <= max)
      ) {
        return wrongType(node, `a ${label}`, reader);
      }
      return value;
    },
    show: String,
  };
}

function asNumber(value: unknown, untypedText: string | null): number | null {
  if (typeof value === "number") return value;
  if (untypedText === null || !/^-?\d+(\.\d+)?$/.test(untypedText)) return null;
  return Number(untypedText);
}

/** Bytes, written as `50M`. */
export const SIZE: Shape<number> = {
  label: "size (`k`, `M`, `G`: steps of 1024)",
  schema: { type: ["string", "integer"], pattern: SIZE_PATTERN, minimum: 0 },
  read(node, reader) {
    const size =
      node.kind === "scalar" && typeof node.value !== "boolean" ? parseBytes(node.text) : null;
    return size ?? wrongType(node, "a size like 50M", reader);
  },
  show: formatBytes,
};

/** Milliseconds, written as `30s`. */
export const DURATION: Shape<number> = {
  label: "time (`ms`, `s`, `m`, `h`, `d`)",
  schema: { type: ["string", "integer"], pattern: TIME_PATTERN, minimum: 0, maximum: 0 },
  read(node, reader) {
    if (node.kind !== "scalar") return wrongType(node, "a time like 30s", reader);
    const time = parseTime(node.text);
    if (time !== null) return time;
    const hint = /^\d+$/.test(node.text) ? ` (did you mean ${node.text}s?)` : "";
    return wrongType(node, `a time with a unit, like 30s${hint}`, reader);
  },
  show: formatTime,
};

/** A time that is not nought. */
export const POSITIVE_DURATION: Shape<number> = {
  ...DURATION,
  read(node, reader) {
    const time = DURATION.read(node, reader);
    if (time !== 0) return time;
    return wrongType(node, "a time above 0", reader);
  },
};

/** One of a few words. */
export function choice<T extends string>(...words: readonly T[]): Shape<T> {
  return {
    label: words.map((word) => `\`${word}\``).join(", "),
    schema: { enum: words },
    read(node, reader) {
      const text = node.kind === "scalar" ? node.text : null;
      const found = words.find((word) => word === text);
      if (found !== undefined) return found;
      const near = text === null ? null : nearestName(text, words);
      const hint = near === null ? "" : ` (did you mean ${near}?)`;
      return wrongType(node, `${listed(words)}${hint}`, reader);
    },
    show: String,
  };
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
