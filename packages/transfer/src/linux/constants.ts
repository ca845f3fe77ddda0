/**
 * Numbers of the Linux kernel's interface that `node:fs` does not name. They are the same on all processors that
 * {@link loadLibrary} accepts; flags that differ (O_DIRECTORY, O_NOFOLLOW) come from `fs.constants`.
 * @module
 */

export const O_PATH = 0o10000000;
export const O_CLOEXEC = 0o2000000;

export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_REMOVEDIR = 0x200;
export const AT_EMPTY_PATH = 0x1000;

/** openat2: procfs links, which lead anywhere, are refused. */
export const RESOLVE_NO_MAGICLINKS = 0x02;
/** openat2: any link is refused, at the end too. */
export const RESOLVE_NO_SYMLINKS = 0x04;
/** openat2: whatever would leave the directory is refused, also when it would come back. */
export const RESOLVE_BENEATH = 0x08;

/** utimensat: leave this time as it is. */
export const UTIME_OMIT: number = (1 << 30) - 2;
