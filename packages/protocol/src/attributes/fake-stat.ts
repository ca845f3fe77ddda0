/**
 * What `--fake-super` keeps of an item that it can not make as it is. Spec: docs/protocol/2-file-list.md, 2.14.1.
 *
 *     MODE MAJOR,MINOR UID:GID     mode in octal with type bits, the rest decimal: `20666 1,3 0:0`
 *
 * @module
 */
import { type ByteString, decodeByteString, encodeByteString } from "../wire/index.js";

/** The attribute. */
export const FAKE_STAT = "user.rsync.%stat";

/** What is kept. */
export interface FakeStat {
  /** Type and permission bits. */
  mode: number;
  rdevMajor: number;
  rdevMinor: number;
  uid: number;
  gid: number;
}

const MAX_MODE = 0o177777;
const MAX_NUMBER = 0xffff_ffff;

/** The value for a stat. */
export function formatFakeStat({ mode, rdevMajor, rdevMinor, uid, gid }: FakeStat): Uint8Array {
  const text: ByteString = `${mode.toString(8)} ${rdevMajor},${rdevMinor} ${uid}:${gid}`;
  return encodeByteString(text);
}

/** The stat in a value; `null` when it is none. */
export function parseFakeStat(value: Uint8Array): FakeStat | null {
  const match = /^([0-7]{1,6}) (\d{1,10}),(\d{1,10}) (\d{1,10}):(\d{1,10})\0?$/.exec(
    decodeByteString(value),
  );
  if (match === null) return null;
  const mode = Number.parseInt(match[1]!, 8);
  const [rdevMajor, rdevMinor, uid, gid] = match.slice(2).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (mode > MAX_MODE || Math.max(rdevMajor, rdevMinor, uid, gid) > MAX_NUMBER) return null;
  return { mode, rdevMajor, rdevMinor, uid, gid };
}
