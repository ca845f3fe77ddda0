/**
 * The lists of `auth users` and `gid`.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/**
 * The items of a list: separated by white space and commas, or by commas alone when the list begins with one, so that
 * items may hold blanks. Spec: docs/protocol/5-daemon.md, 5.7.2.
 */
export function splitList(list: ByteString): ByteString[] {
  const separators = /^[ \t\r\n]*,/.test(list) ? /,/ : /[ \t\r\n,]/;
  return list.split(separators).map(trimBlanks).filter(Boolean);
}

// `trim()` would take the byte 0xA0 for white space.
function trimBlanks(text: ByteString): ByteString {
  let start = 0;
  let end = text.length;
  while (start < end && " \t\r\n".includes(text[start]!)) start++;
  while (start < end && " \t\r\n".includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}
