/**
 * One line for any POSIX shell in which no byte of a name means anything but itself.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A word without line ends. */
const quote = (word: ByteString): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The format with which printf(1) prints `word`. */
const toFormat = (word: ByteString): string =>
  word
    .replaceAll("\\", "\\\\")
    .replaceAll("%", "%%")
    .replaceAll("\n", "\\012")
    .replaceAll("'", "\\047");

/**
 * Commands that run one after another as long as they succeed. A word with a line end goes through a variable and printf, so
 * that the result is one line; the mark behind it keeps the shell from cutting line ends off.
 * @param commands lists of words, all of them data
 */
export function formatShellLine(commands: readonly (readonly ByteString[])[]): ByteString {
  const assignments: string[] = [];
  const toWord = (word: ByteString): string => {
    if (!word.includes("\n")) return quote(word);
    const name = `p${assignments.length + 1}`;
    assignments.push(`${name}="$(printf '${toFormat(word)}x')"`);
    return `"\${${name}%x}"`;
  };
  const parts = commands.map((words) => words.map(toWord).join(" "));
  return [...assignments, ...parts].join(" && ");
}
