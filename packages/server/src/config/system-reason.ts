/**
 * Failed system calls as the log words them.
 * @module
 */
import { getSystemErrorMap } from "node:util";

// Where the words of Node are not those of a C library.
const OTHER_WORDS: Readonly<Record<string, string>> = {
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
};

/** `No such file or directory (2)`, or the message of an error that does not come from the system. */
export function systemReason(error: unknown): string {
  const { code = "", errno, message } = error as NodeJS.ErrnoException;
  const words = errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1];
  if (errno === undefined || words === undefined) return message ?? String(error);
  const text = OTHER_WORDS[code] ?? words.charAt(0).toUpperCase() + words.slice(1);
  return `${text} (${-errno})`;
}
