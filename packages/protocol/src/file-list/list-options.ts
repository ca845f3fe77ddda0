/**
 * What both sides of a file list must agree on: which fields are there and in which form.
 * Spec: docs/protocol/2-file-list.md, 2.1.
 * @module
 */
import { FileType } from "./file-entry.js";

/** The settings that shape a file list. The same on both sides of a session. */
export interface ListOptions {
  /** 27 to 32. */
  readonly protocol: number;
  /** `-o`. */
  readonly preserveUid: boolean;
  /** `-g`. */
  readonly preserveGid: boolean;
  /** `-l`: symbolic links carry their target. */
  readonly preserveLinks: boolean;
  readonly devices: boolean;
  readonly specials: boolean;
  /** `-H`. */
  readonly hardLinks: boolean;
  /** Length of the whole-file digests in bytes (`-c`); 0 is none. */
  readonly checksumLength: number;
  /** `-U`. */
  readonly atimes: boolean;
  /** `-N`; needs `varintFlags`. */
  readonly crtimes: boolean;
  /** `-A`; protocol 30 and later. */
  readonly acls: boolean;
  /** `-X`; protocol 30 and later. */
  readonly xattrs: boolean;
  readonly numericIds: boolean;
  /** `-R`: names may start with a slash. */
  readonly relative: boolean;
  /** `-r`; tells content directories in protocol 28 and 29. */
  readonly recursive: boolean;
  /** `--relative` sends parents too; matters for protocol 28 and 29. */
  readonly impliedDirs: boolean;
  /** `--delete-missing-args`: entries of mode 0 are allowed. */
  readonly deleteMissingArgs: boolean;
  /** Incremental recursion (compat bit 0): lists per directory, names of ids inside entries. */
  readonly inc: boolean;
  /** Compat bit 7. */
  readonly varintFlags: boolean;
  /** Compat bit 3, or protocol 31 and later. */
  readonly safeFlist: boolean;
  /** Compat bit 8. */
  readonly id0Names: boolean;
  /** Protocol 31 and later with compat bit 4 clear. */
  readonly xattrOptim: boolean;
}

/** Whether an item of this type (`FileType`) has a checksum in the list. Before protocol 28 all have, of zeros if need be. */
export function carriesChecksum(options: ListOptions, type: number): boolean {
  return options.checksumLength > 0 && (type === FileType.Regular || options.protocol < 28);
}

/** Bits of the compatibility flags that concern this layer (chapter 1 has all). */
const COMPAT_INC_RECURSE = 0x1;
const COMPAT_SAFE_FLIST = 0x8;
const COMPAT_AVOID_XATTR_OPTIM = 0x10;
const COMPAT_VARINT_FLAGS = 0x80;
const COMPAT_ID0_NAMES = 0x100;

/** The settings that a session derives from protocol and compatibility flags instead of options. */
type Derived = "inc" | "varintFlags" | "safeFlist" | "id0Names" | "xattrOptim";

/**
 * Fills in what is not given (everything off, implied directories on) and derives the rest.
 * `compatFlags` are those that the server sent; 0 below protocol 30.
 */
export function createListOptions(
  protocol: number,
  compatFlags = 0,
  given: Partial<Omit<ListOptions, "protocol" | Derived>> = {},
): ListOptions {
  return {
    protocol,
    preserveUid: given.preserveUid ?? false,
    preserveGid: given.preserveGid ?? false,
    preserveLinks: given.preserveLinks ?? false,
    devices: given.devices ?? false,
    specials: given.specials ?? false,
    hardLinks: given.hardLinks ?? false,
    checksumLength: given.checksumLength ?? 0,
    atimes: given.atimes ?? false,
    crtimes: given.crtimes ?? false,
    acls: given.acls ?? false,
    xattrs: given.xattrs ?? false,
    numericIds: given.numericIds ?? false,
    relative: given.relative ?? false,
    recursive: given.recursive ?? false,
    impliedDirs: given.impliedDirs ?? true,
    deleteMissingArgs: given.deleteMissingArgs ?? false,
    inc: (compatFlags & COMPAT_INC_RECURSE) !== 0,
    varintFlags: (compatFlags & COMPAT_VARINT_FLAGS) !== 0,
    safeFlist: protocol >= 31 || (compatFlags & COMPAT_SAFE_FLIST) !== 0,
    id0Names: (compatFlags & COMPAT_ID0_NAMES) !== 0,
    xattrOptim: protocol >= 31 && (compatFlags & COMPAT_AVOID_XATTR_OPTIM) === 0,
  };
}
