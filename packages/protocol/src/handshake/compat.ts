/**
 * The compatibility flags: what the server, knowing the client's capability letters, decides for the session. Protocol
 * 30 and later; a varint, first thing of the binary set-up from the server.
 * Spec: docs/protocol/1-session.md, 3.3, 5.2 and 5.3.
 * @module
 */
import { ProtocolError, UsageError } from "../errors.js";
import { type Cursor, readVarintIn, type Writer, writeVarint } from "../wire/index.js";
import { commonVersion, type ProtocolVersion } from "./greeting.js";

/** File lists are sent directory by directory. */
export const CF_INC_RECURSE = 0x001;
/** The server can set the times of symlinks. */
export const CF_SYMLINK_TIMES = 0x002;
/** The sender converts symlink contents under `--iconv`. */
export const CF_SYMLINK_ICONV = 0x004;
/** The end of a file list may carry an I/O error (always so from protocol 31 on). */
export const CF_SAFE_FLIST = 0x008;
/** No xattr shortcut for hard links. */
export const CF_AVOID_XATTR_OPTIM = 0x010;
/** MD5 block sums hash the seed before the data. */
export const CF_CHKSUM_SEED_FIX = 0x020;
/** A file in a partial dir may be updated in place. */
export const CF_INPLACE_PARTIAL_DIR = 0x040;
/** File-list flags are varints, and algorithms are negotiated. */
export const CF_VARINT_FLIST_FLAGS = 0x080;
/** Id lists have names for id 0. */
export const CF_ID0_NAMES = 0x100;

const FLAG_OF_LETTER: Readonly<Record<string, number>> = {
  f: CF_SAFE_FLIST,
  x: CF_AVOID_XATTR_OPTIM,
  C: CF_CHKSUM_SEED_FIX,
  I: CF_INPLACE_PARTIAL_DIR,
  v: CF_VARINT_FLIST_FLAGS,
  u: CF_ID0_NAMES,
};

/** What the server brings along for the session at hand. */
export interface ServerAbilities {
  /** Its settings allow incremental recursion in its role (`allowsIncrementalRecursion` of `/arguments`). */
  readonly incRecurse: boolean;
  readonly symlinkTimes: boolean;
  readonly symlinkIconv: boolean;
}

/**
 * The flags that a server sets.
 * @param capabilities the value of the client's `-e`, such as `.iLsfxCIvu`; unknown letters are ignored.
 */
export function compatFlagsForClient(capabilities: string, server: ServerAbilities): number {
  const letters = capabilities.replace(/^[\d.]*/, "");
  let flags = 0;
  for (const letter of letters) flags |= FLAG_OF_LETTER[letter] ?? 0;
  if (server.incRecurse && letters.includes("i")) flags |= CF_INC_RECURSE;
  if (server.symlinkTimes) flags |= CF_SYMLINK_TIMES;
  if (server.symlinkIconv) flags |= CF_SYMLINK_ICONV;
  return flags;
}

/** The flags of the server. Bits that we do not know are kept. */
export function readCompatFlags(cursor: Cursor): number {
  return readVarintIn(cursor, "compatibility flags", 0, 0x7fffffff);
}

export function writeCompatFlags(writer: Writer, flags: number): void {
  writeVarint(writer, flags);
}

/**
 * Refuses flags that a client can not work with.
 * @param capabilities what the client sent; `crtimes` whether creation times are to be preserved.
 * @throws UsageError (exit 1) for an incremental recursion that was not offered, ProtocolError for creation times
 * without varint flags.
 */
export function checkCompatFlags(flags: number, capabilities: string, crtimes: boolean): void {
  if (flags & CF_INC_RECURSE && !capabilities.includes("i")) {
    throw new UsageError("the server demands incremental recursion, which was not offered");
  }
  if (crtimes && !(flags & CF_VARINT_FLIST_FLAGS)) {
    throw new ProtocolError("--crtimes is not supported by the server");
  }
}

/**
 * The version that a server behind a remote shell announces: its own, or less for a pre-release client, whose
 * capability string begins with `VERSION.SUB`.
 */
export function advertisedProtocol(own: ProtocolVersion, capabilities: string): number {
  const match = /^(\d{1,4})\.(\d{1,4})/.exec(capabilities);
  if (!match || Number(match[2]) === 0) return own.version;
  const client = { version: Number(match[1]), sub: Number(match[2]) };
  return commonVersion(own, client);
}
