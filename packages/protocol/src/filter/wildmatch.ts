/**
 * The wildcard matcher: `*`, `**`, `?`, `[...]` and `\c`, byte by byte.
 *
 * A pattern is translated once; matching then takes at most about (length of pattern) x (length of text) steps, whatever
 * the two are: it goes back only to the last `*` and the last `**`, and never repeats what failed before.
 * Spec: docs/protocol/4-command.md, 11.3.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { readBracket } from "./bracket.js";

/** A translated pattern. Tokens: 0 to 255 a byte, then the constants below, then `BRACKET` + index in `brackets`. */
export interface Wildcard {
  readonly tokens: readonly number[];
  readonly brackets: readonly Uint8Array[];
}

/** What the matcher needs of a text: a `ByteString`, or something that counts how often it is looked at. */
export type WildText = Pick<ByteString, "length" | "charCodeAt">;

const ANY_BYTE = 256;
const STAR = 257;
const DEEP_STAR = 258;
const NEVER = 259;
const BRACKET = 260;

const SLASH = 0x2f;

/** True when `pattern` has an active character; without one it stands for itself, backslashes included. */
export function hasWildcard(pattern: ByteString): boolean {
  return /[*?[]/.test(pattern);
}

/** Translates a pattern that has wildcards. */
export function compileWildcard(pattern: ByteString): Wildcard {
  const tokens: number[] = [];
  const brackets: Uint8Array[] = [];
  let at = 0;
  while (at < pattern.length) {
    const start = at++;
    const char = pattern[start];
    if (char === "*") {
      while (pattern[at] === "*") at++;
      tokens.push(at - start === 1 ? STAR : DEEP_STAR);
    } else if (char === "?") {
      tokens.push(ANY_BYTE);
    } else if (char === "[") {
      const bracket = readBracket(pattern, at);
      if (bracket === null) return { tokens: [NEVER], brackets: [] };
      at = bracket.end;
      tokens.push(BRACKET + brackets.push(bracket.matches) - 1);
    } else if (char === "\\") {
      tokens.push(at < pattern.length ? pattern.charCodeAt(at++) : NEVER);
    } else {
      tokens.push(pattern.charCodeAt(start));
    }
  }
  return { tokens, brackets };
}

/** `wildcard` as if a run of anything that ends in a slash came before it: it may match at any path element. */
export function floating(wildcard: Wildcard): Wildcard {
  return { ...wildcard, tokens: [DEEP_STAR, SLASH, ...wildcard.tokens] };
}

function matchesByte(token: number, byte: number, brackets: readonly Uint8Array[]): boolean {
  if (token < ANY_BYTE) return token === byte;
  if (token >= BRACKET) return brackets[token - BRACKET]![byte] === 1;
  return token === ANY_BYTE && byte !== SLASH;
}

/**
 * True when the pattern matches all of `text` from `from` on.
 *
 * On a mismatch only the last `*` grows, and when it meets a slash the last `**` does: what stands before a star has
 * matched as early as it can, and a later match would leave less. `reached` remembers, for each `*` behind the last
 * `**`, how far it has grown: getting there again, no further than that, can only fail again.
 */
export function wildmatch(wildcard: Wildcard, text: WildText, from = 0): boolean {
  const { tokens, brackets } = wildcard;
  const end = text.length;
  let reached: number[] | null = null;
  let at = from;
  let next = 0;
  let afterStar = -1;
  let starEnd = 0;
  let afterDeep = -1;
  let deepEnd = 0;
  for (;;) {
    const token = tokens[next];
    if (token === undefined) {
      if (at === end) return true;
    } else if (token === DEEP_STAR) {
      afterDeep = ++next;
      deepEnd = at;
      afterStar = -1;
      if (next === tokens.length) return true;
      continue;
    } else if (token === STAR) {
      next++;
      if (afterDeep < 0 || ((reached ??= [])[next] ?? -1) < at) {
        afterStar = next;
        starEnd = at;
        continue;
      }
      afterStar = -1;
    } else if (at === end) {
      // Whatever grew, there would be no more text left than now.
      return false;
    } else if (matchesByte(token, text.charCodeAt(at), brackets)) {
      next++;
      at++;
      continue;
    }
    if (afterStar >= 0 && starEnd < end && text.charCodeAt(starEnd) !== SLASH) {
      at = ++starEnd;
      next = afterStar;
      if (reached !== null) reached[next] = at;
    } else {
      if (afterDeep < 0 || deepEnd >= end) return false;
      at = ++deepEnd;
      next = afterDeep;
      afterStar = -1;
    }
  }
}
