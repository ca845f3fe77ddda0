/**
 * Bracket expressions of wildcard patterns, `[a-c]`, `[!x]`, `[[:digit:]]`: which bytes they match.
 * Spec: docs/protocol/4-command.md, 11.3.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** Where a bracket expression ends, and the bytes it matches: `matches[byte]` is 1 or 0. */
export interface Bracket {
  readonly end: number;
  readonly matches: Uint8Array;
}

const SLASH = 0x2f;

const NAMED_CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[0-9A-Za-z]/],
  ["alpha", /[A-Za-z]/],
  ["blank", /[ \t]/],
  ["cntrl", /[\x00-\x1f\x7f]/],
  ["digit", /[0-9]/],
  ["graph", /[!-~]/],
  ["lower", /[a-z]/],
  ["print", /[ -~]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["space", /[\t-\r ]/],
  ["upper", /[A-Z]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);

function addRange(matches: Uint8Array, low: number, high: number): void {
  if (low <= high) matches.fill(1, low, high + 1);
}

function addNamedClass(matches: Uint8Array, members: RegExp): void {
  for (let byte = 0; byte < 0x80; byte++) {
    if (members.test(String.fromCharCode(byte))) matches[byte] = 1;
  }
}

/** The name of the class `[:name:]` at `at`; `null` when there is none, so that the `[` means itself. */
function namedClassAt(pattern: ByteString, at: number): string | null {
  if (pattern[at + 1] !== ":") return null;
  const close = pattern.indexOf("]", at + 2);
  return close > at + 2 && pattern[close - 1] === ":" ? pattern.slice(at + 2, close - 1) : null;
}

/**
 * Reads the bracket expression whose `[` is at `start - 1`. A byte that opens a range counts by itself too, so a
 * reversed range matches its first byte only. No bracket expression matches a slash.
 * @returns null when it never matches: its `]` is missing or a class is unknown.
 */
export function readBracket(pattern: ByteString, start: number): Bracket | null {
  const matches = new Uint8Array(256);
  const negated = pattern[start] === "!" || pattern[start] === "^";
  const first = negated ? start + 1 : start;
  let previous = -1;
  let at = first;
  for (; at === first || pattern[at] !== "]"; at++) {
    if (at >= pattern.length) return null;
    if (pattern[at] === "[") {
      const name = namedClassAt(pattern, at);
      if (name !== null) {
        const members = NAMED_CLASSES.get(name);
        if (members === undefined) return null;
        addNamedClass(matches, members);
        previous = -1;
        at += name.length + 3;
        continue;
      }
    }
    const isRange = pattern[at] === "-" && previous >= 0 && (pattern[at + 1] ?? "]") !== "]";
    if (isRange) at++;
    if (pattern[at] === "\\") at++;
    if (at >= pattern.length) return null;
    const byte = pattern.charCodeAt(at);
    addRange(matches, isRange ? previous : byte, byte);
    previous = isRange ? -1 : byte;
  }
  if (negated) for (let byte = 0; byte < 256; byte++) matches[byte]! ^= 1;
  matches[SLASH] = 0;
  return { end: at + 1, matches };
}
