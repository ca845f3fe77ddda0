/**
 * The type bits of a mode (traditional Unix values).
 * @module
 */

export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;
export const S_IFLNK = 0o120000;

/** Whether `mode` is a directory's. */
export function isDirectoryMode(mode: number): boolean {
  return (mode & S_IFMT) === S_IFDIR;
}

/** Whether `mode` is a regular file's. */
export function isRegularMode(mode: number): boolean {
  return (mode & S_IFMT) === S_IFREG;
}

/** Whether `mode` is a character or block device's. */
export function isDeviceMode(mode: number): boolean {
  const type = mode & S_IFMT;
  return type === S_IFCHR || type === S_IFBLK;
}

/** Whether `mode` is a symbolic link's. */
export function isLinkMode(mode: number): boolean {
  return (mode & S_IFMT) === S_IFLNK;
}
