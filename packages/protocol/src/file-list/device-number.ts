/**
 * Device numbers as one int, before protocol 28: 12 bits of the major, the low byte of the minor below and the rest of it
 * above them. Spec: docs/protocol/2-file-list.md, 2.5.5.
 * @module
 */

/** Longer majors and minors lose their high bits, as they do with rsync. */
export function packDevice(major: number, minor: number): number {
  return ((minor & 0xfff00) << 12) | ((major & 0xfff) << 8) | (minor & 0xff);
}

export function unpackDevice(packed: number): { major: number; minor: number } {
  return { major: (packed >>> 8) & 0xfff, minor: ((packed >>> 12) & 0xfff00) | (packed & 0xff) };
}
