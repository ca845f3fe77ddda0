/**
 * Arguments that are no UTF-8. Node can pass only text to a program, so such a command goes through a line for `/bin/sh` that is
 * always the same: it turns the octal escapes that it gets as arguments into bytes and then becomes the program. No name is
 * ever part of what the shell reads as code.
 * @module
 */
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";

/** Decodes each argument in turn: takes it from the front, puts the bytes at the end. The `x` keeps line ends at the end. */
const DECODE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  'n=$#; while [ "$n" -gt 0 ]; do a=$(printf %bx "$1"); shift; set -- "$@" "${a%x}"; n=$((n-1)); done; exec "$@"';

const escapeBytes = (bytes: ByteString): string =>
  bytes.replace(
    /[^A-Za-z0-9_./-]/g,
    (found) => `\\0${found.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );

/** The text of bytes that are UTF-8, else `null`. */
function toText(bytes: ByteString): string | null {
  const buffer = Buffer.from(encodeByteString(bytes));
  const text = buffer.toString("utf8");
  return Buffer.from(text, "utf8").equals(buffer) ? text : null;
}

/** Words that make Node start a program with exactly these bytes as its arguments. */
export function exactArgv(argv: readonly ByteString[]): string[] {
  const texts = argv.map(toText);
  if (texts.every((text) => text !== null)) return texts;
  return ["/bin/sh", "-c", DECODE, "tsrsync-hook", ...argv.map(escapeBytes)];
}
