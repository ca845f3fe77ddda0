/**
 * Numbers of inotify(7), the same on all processors.
 * @module
 */

export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_CLOSE_WRITE = 0x8;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_UNMOUNT = 0x2000;
export const IN_Q_OVERFLOW = 0x4000;
export const IN_IGNORED = 0x8000;
export const IN_ONLYDIR = 0x1000000;
export const IN_DONT_FOLLOW = 0x2000000;
export const IN_EXCL_UNLINK = 0x4000000;
export const IN_MASK_ADD = 0x20000000;
export const IN_ISDIR = 0x40000000;

/**
 * What is asked about each directory (spec 6, 3.1). A directory's own move is told by its parent; only the root has none
 * that is watched.
 */
export const DIRECTORY_MASK: number =
  IN_CLOSE_WRITE |
  IN_MODIFY |
  IN_ATTRIB |
  IN_CREATE |
  IN_DELETE |
  IN_MOVED_FROM |
  IN_MOVED_TO |
  IN_DELETE_SELF |
  IN_ONLYDIR |
  IN_DONT_FOLLOW |
  IN_EXCL_UNLINK;

/** The same where directories may be links. Several may lead to one directory: what was asked for before stays. */
export const FOLLOWED_MASK: number = (DIRECTORY_MASK & ~IN_DONT_FOLLOW) | IN_MASK_ADD;

/** The same for a root, which may be reached through a link. */
export const ROOT_MASK: number = (DIRECTORY_MASK & ~IN_DONT_FOLLOW) | IN_MOVE_SELF;
