/**
 * Words of a command as `--debug=cmd` shows them.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** `words` with those in quotes that are more than plain, and how many they are: `a "b c"  (2 args)`. */
export function commandText(words: readonly ByteString[]): ByteString {
  return `${words.map(quoted).join(" ")}  (${words.length} args)`;
}

function quoted(word: ByteString): ByteString {
  if (/^[\w@%+=:,./^~-]+$/.test(word)) return word;
  return `"${word.replace(/["$`]/g, "\\$&")}"`;
}
