/**
 * What a failed file operation is called: errno names, numbers, and the texts that rsync's messages end with,
 * `No such file or directory (2)`. Node's own texts differ from those of the C library, so these are written out.
 * @module
 */
import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";
import type { ByteString } from "@tsrsync/protocol/wire";
import { TreeError } from "./file-tree.js";

const TEXTS: Readonly<Record<string, string>> = {
  E2BIG: "Argument list too long",
  EACCES: "Permission denied",
  EAGAIN: "Resource temporarily unavailable",
  EBADF: "Bad file descriptor",
  EBUSY: "Device or resource busy",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EDEADLK: "Resource deadlock avoided",
  EDQUOT: "Disk quota exceeded",
  EEXIST: "File exists",
  EFAULT: "Bad address",
  EFBIG: "File too large",
  EHOSTUNREACH: "No route to host",
  EILSEQ: "Invalid or incomplete multibyte or wide character",
  EINTR: "Interrupted system call",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  EMLINK: "Too many links",
  ENAMETOOLONG: "File name too long",
  ENFILE: "Too many open files in system",
  ENODATA: "No data available",
  ENODEV: "No such device",
  ENOENT: "No such file or directory",
  ENOLCK: "No locks available",
  ENOMEM: "Cannot allocate memory",
  ENOSPC: "No space left on device",
  ENOSYS: "Function not implemented",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENOTSUP: "Operation not supported",
  ENOTTY: "Inappropriate ioctl for device",
  ENXIO: "No such device or address",
  EOPNOTSUPP: "Operation not supported",
  EOVERFLOW: "Value too large for defined data type",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  ERANGE: "Numerical result out of range",
  EROFS: "Read-only file system",
  ESPIPE: "Illegal seek",
  ESRCH: "No such process",
  ESTALE: "Stale file handle",
  ETIMEDOUT: "Connection timed out",
  ETXTBSY: "Text file busy",
  EXDEV: "Invalid cross-device link",
};

const NUMBERS: Readonly<Record<string, number>> = constants.errno;
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
  return TEXTS[name] ?? getSystemErrorMap().get(-number)?.[1] ?? `Unknown error ${number}`;
}

/**
 * The end of rsync's messages about a failed operation, `No such file or directory (2)`; for anything that is no system
 * error, its own message.
 */
export function reason(thrown: unknown): string {
  const number = errorNumber(thrown);
  if (number === 0) return thrown instanceof Error ? thrown.message : String(thrown);
  return `${errorText(errorCode(thrown) ?? number)} (${number})`;
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
