/**
 * What a failed file operation is called: errno names, numbers, and the texts that rsync's messages end with,
 * `No such file or directory (2)`. Node's own texts differ from those of the C library, so these are written out.
 * @module
 */
import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";
import type { ByteString } from "@tsrsync/protocol/wire";
import { ERRNO_TEXTS } from "./errno-texts.js";
import { TreeError } from "./file-tree.js";

/** Linux has more than Node names; these two come from damaged file systems and failing remote ones. */
const LINUX_NUMBERS = process.platform === "linux" ? { EUCLEAN: 117, EREMOTEIO: 121 } : {};

const NUMBERS: Readonly<Record<string, number>> = { ...constants.errno, ...LINUX_NUMBERS };
const NAMES: ReadonlyMap<number, string> = new Map(
  // The first of two names for one number wins: EAGAIN over EWOULDBLOCK, ENOTSUP over EOPNOTSUPP.
  Object.entries(NUMBERS)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** The positive number of an errno name on this system, 0 for a name that it does not have. */
export function errnoOf(code: string): number {
  return NUMBERS[code] ?? 0;
}

/** The errno name (`ENOENT`) in whatever a tree threw, or `null` when it is no failed operation. */
export function errorCode(thrown: unknown): string | null {
  const code = (thrown as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code) ? code : null;
}

/** The positive errno number in whatever a tree threw (Node has them negative), 0 when there is none. */
export function errorNumber(thrown: unknown): number {
  const errno = (thrown as { errno?: unknown } | null | undefined)?.errno;
  if (typeof errno === "number") return Math.abs(errno);
  const code = errorCode(thrown);
  return code === null ? 0 : errnoOf(code);
}

/** The C library's text for an errno name or number: `No such file or directory`. */
export function errorText(code: string | number): string {
  const name = typeof code === "number" ? (NAMES.get(code) ?? "") : code;
  const number = typeof code === "number" ? code : errnoOf(code);
  return ERRNO_TEXTS[name] ?? getSystemErrorMap().get(-number)?.[1] ?? `Unknown error ${number}`;
}

/**
 * The end of rsync's messages about a failed operation, `No such file or directory (2)`; for anything that is no system
 * error, its own message.
 */
export function reason(thrown: unknown): string {
  const number = errorNumber(thrown);
  if (number === 0) return thrown instanceof Error ? thrown.message : String(thrown);
  return `${errorText(number)} (${number})`;
}

/** The error of an operation that failed with an errno name or (positive) number. */
export function treeError(code: string | number, operation: string, path: ByteString): TreeError {
  const number = typeof code === "number" ? code : errnoOf(code);
  const name = typeof code === "number" ? (NAMES.get(code) ?? `E${code}`) : code;
  return new TreeError(
    name,
    number,
    `${operation} ${JSON.stringify(path)}: ${errorText(code)} (${name})`,
  );
}
