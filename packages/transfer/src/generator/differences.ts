/**
 * How an entry differs from what is at the destination, in item flags (spec 3-transfer, 3.1 and 3.9).
 * @module
 */
import { type FileEntry, isDirectory, isRegular, isSymlink } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { TransferOptions } from "../session/options.js";
import type { FileStat } from "../tree/file-tree.js";

const PERMISSION_BITS = 0o7777;
const EXECUTE_BITS = 0o111;

/** Whether two times count as equal under `modifyWindow` (0: seconds; negative: nanoseconds too; else a tolerance). */
export function sameTime(
  entry: FileEntry,
  seconds: number,
  nanoseconds: number,
  modifyWindow: number,
): boolean {
  if (modifyWindow === 0) return entry.mtime === seconds;
  if (modifyWindow < 0) return entry.mtime === seconds && entry.mtimeNs === nanoseconds;
  return Math.abs(entry.mtime - seconds) <= modifyWindow;
}

/** Whether the modification time of this kind of entry is to be preserved. */
export function keepsTime(entry: FileEntry, options: TransferOptions): boolean {
  if (!options.times) return false;
  if (isDirectory(entry)) return !options.omitDirTimes;
  if (isSymlink(entry)) return !options.omitLinkTimes;
  return true;
}

/** Whether the access time of this kind of entry is to be preserved. */
export function keepsAccessTime(entry: FileEntry, options: TransferOptions): boolean {
  return options.atimes && !isDirectory(entry);
}

/** Whether access times differ under `modifyWindow`; lists carry only their seconds. */
export function accessTimeDiffers(
  entry: FileEntry,
  stat: FileStat,
  options: TransferOptions,
): boolean {
  if (!keepsAccessTime(entry, options)) return false;
  return Math.abs((entry.extra?.atime ?? 0) - stat.atime) > Math.max(0, options.modifyWindow);
}

/** The permission bits that the item is to have, given the ones it has now (`null`: it is new). */
export function wantedPermissions(
  entry: FileEntry,
  present: number | null,
  options: TransferOptions,
  umask: number,
): number {
  if (options.perms) return entry.mode & PERMISSION_BITS;
  if (present === null) return entry.mode & 0o777 & ~umask;
  if (options.executability && isRegular(entry)) return withExecutability(entry.mode, present);
  return present & PERMISSION_BITS;
}

function withExecutability(source: number, present: number): number {
  const bits = present & PERMISSION_BITS;
  if ((source & EXECUTE_BITS) === 0) return bits & ~EXECUTE_BITS;
  if (bits & EXECUTE_BITS) return bits;
  return bits | ((bits & 0o444) >> 2);
}

/** What the process may change. */
export interface Privileges {
  /** Acts as super-user: owners can be set, devices made. */
  superUser: boolean;
  /** Groups that may be set without being super-user. */
  groups: ReadonlySet<number>;
  umask: number;
}

/** Whether the owner of an entry can and should be set. */
export function keepsOwner(options: TransferOptions, privileges: Privileges): boolean {
  return options.owner && privileges.superUser;
}

/** Whether the group of an entry can and should be set. */
export function keepsGroup(
  entry: FileEntry,
  options: TransferOptions,
  privileges: Privileges,
): boolean {
  return options.group && (privileges.superUser || privileges.groups.has(entry.gid));
}

/** The attribute bits that differ: size, time, permissions, owner, group. `transfer`: the content will be sent. */
export function attributeDifferences(
  entry: FileEntry,
  stat: FileStat,
  options: TransferOptions,
  privileges: Privileges,
  changed: boolean,
): number {
  let flags = 0;
  if (isRegular(entry) && entry.size !== stat.size) flags |= ItemFlag.ReportSize;
  if (keepsTime(entry, options)) {
    if (!sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow))
      flags |= ItemFlag.ReportTime;
  } else if (changed) {
    flags |= ItemFlag.ReportTime;
  }
  if (!isSymlink(entry)) {
    // Looking at a link is an access to it, so its time is not worth a report.
    if (accessTimeDiffers(entry, stat, options)) flags |= ItemFlag.ReportAtime;
    const wanted = wantedPermissions(entry, stat.mode, options, privileges.umask);
    if (wanted !== (stat.mode & PERMISSION_BITS)) flags |= ItemFlag.ReportPerms;
  }
  if (entry.uid !== stat.uid && keepsOwner(options, privileges)) flags |= ItemFlag.ReportOwner;
  if (entry.gid !== stat.gid && keepsGroup(entry, options, privileges))
    flags |= ItemFlag.ReportGroup;
  return flags;
}
