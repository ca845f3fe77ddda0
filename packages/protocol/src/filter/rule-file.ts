/**
 * Splitting rule files into the texts of their rules. Spec: docs/protocol/4-command.md, 11.2.
 * @module
 */
import { type ByteString, decodeByteString } from "../wire/index.js";

/** One rule's text; `line` counts from 1, and is `null` for words. */
export interface RuleText {
  readonly text: ByteString;
  readonly line: number | null;
}

/** A pattern as long as this is no rule any more; the limit is that of paths. */
export const MAX_PATTERN_BYTES = 4096;

/**
 * The texts of the rules in a file, in order: its lines without comments and empty ones, or its words.
 * @param nulEnds lines end at NUL only (`-0`)
 */
export function* splitRuleFile(
  bytes: Uint8Array,
  words: boolean,
  nulEnds: boolean,
): Generator<RuleText, void, undefined> {
  const content = decodeByteString(bytes);
  if (words) {
    for (const text of content.split(nulEnds ? /[ \t-\r\0]+/ : /[ \t-\r]+/)) {
      if (text !== "") yield { text: upToNul(text), line: null };
    }
    return;
  }
  let line = 0;
  for (const raw of content.split(nulEnds ? "\0" : /\r\n|\r|\n/)) {
    line++;
    const text = upToNul(raw);
    if (text !== "" && text[0] !== "#" && text[0] !== ";") yield { text, line };
  }
}

function upToNul(text: ByteString): ByteString {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}
