/**
 * The bits of an item's flags that output looks at. Spec: docs/protocol/3-transfer.md, 2.2.
 * @module
 */

/** Item flags by name. */
export const ItemFlag = {
  Atime: 0x0001,
  Change: 0x0002,
  /** For a symlink: its time can not be set. */
  Size: 0x0004,
  Time: 0x0008,
  Perms: 0x0010,
  Owner: 0x0020,
  Group: 0x0040,
  Acl: 0x0080,
  Xattr: 0x0100,
  Crtime: 0x0400,
  BasisTypeFollows: 0x0800,
  XnameFollows: 0x1000,
  New: 0x2000,
  LocalChange: 0x4000,
  Transfer: 0x8000,
} as const;

const NOT_SIGNIFICANT = ItemFlag.BasisTypeFollows | ItemFlag.XnameFollows | ItemFlag.LocalChange;

/** The flags that say that something about the item differs or is transferred. */
export function significantFlags(itemFlags: number): number {
  return itemFlags & 0xffff & ~NOT_SIGNIFICANT;
}
