/**
 * Gives an item at the destination the attributes of its entry: owner and group, extended attributes, times, ACLs, mode,
 * in that order (spec 3-transfer, 8.6), and only those that differ.
 * @module
 */
import { changeMode } from "@tsrsync/protocol/arguments";
import { type FileEntry, isDirectory, isSymlink } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ExtendedPlan, ExtendedTarget } from "../attributes/extended-attributes.js";
import type { TransferOptions } from "../session/options.js";
import type { Awaitable, FileStat, FileTime, FileTree, TreeFile } from "../tree/file-tree.js";
import { PathItem } from "../tree/item-attributes.js";
import {
  accessTimeDiffers,
  keepsGroup,
  keepsOwner,
  keepsTime,
  type Privileges,
  sameTime,
  wantedPermissions,
} from "./differences.js";

/** Something that attributes can be set on: an item by its path, or an open file. */
export interface AttributeTarget extends ExtendedTarget {
  setOwner(uid: number, gid: number): void | Promise<void>;
  setTimes(atime: FileTime | null, mtime: FileTime): void | Promise<void>;
}

/** The item at `path`, which is looked up anew by each call. */
export function pathTarget(tree: FileTree, path: ByteString): AttributeTarget {
  return new PathTarget(tree, path);
}

class PathTarget extends PathItem implements AttributeTarget {
  setOwner(uid: number, gid: number): Awaitable<void> {
    return this.tree.setOwner(this.path, uid, gid);
  }

  setTimes(atime: FileTime | null, mtime: FileTime): Awaitable<void> {
    return this.tree.setTimes(this.path, atime, mtime);
  }
}

/** How the attributes are to be set. */
export interface AttributePlan {
  options: TransferOptions;
  privileges: Privileges;
  /** What the item is like now. */
  stat: FileStat;
  /** The permissions of the item that this one replaces; `null` for a new one. Without `-p` they stay. */
  replacedMode: number | null;
  /** Set the times exactly, even if they count as equal (a file that was just written). */
  exactTimes: boolean;
  /** Leave the times alone. */
  skipTimes?: boolean;
  /** Of a directory: its owner must be able to work in it until the end, whatever its mode will be then. */
  lendsOwnerAccess?: boolean;
  /** ACLs and extended attributes; `null` without `-A` and `-X`. */
  extended: ExtendedPlan | null;
  /** For a new item: the umask, if it is not that of the process (the directory has a default ACL). */
  umask?: number;
}

/** Sets what differs; true when anything did. */
export async function applyAttributes(
  target: AttributeTarget | TreeFile,
  entry: FileEntry,
  plan: AttributePlan,
): Promise<boolean> {
  const { options, privileges, stat } = plan;
  let changed = false;

  const uid = keepsOwner(options, privileges) && entry.uid !== stat.uid ? entry.uid : -1;
  const gid = keepsGroup(entry, options, privileges) && entry.gid !== stat.gid ? entry.gid : -1;
  let { mode } = stat;
  if (uid !== -1 || gid !== -1) {
    const done = target.setOwner(uid, gid);
    if (done instanceof Promise) await done;
    // The kernel takes the set-id bits away when the owner changes.
    if (mode & 0o6000) mode &= ~0o6000;
    changed = true;
  }

  const { extended } = plan;
  if (extended !== null) {
    const bits = (stat.mode & ~0o7777) | (mode & 0o7777);
    if (await extended.attributes.setXattrs(target, entry, bits, extended)) changed = true;
  }

  const times = plan.skipTimes ? null : changedTimes(entry, plan);
  if (times !== null) {
    const done = target.setTimes(times.atime, times.mtime);
    if (done instanceof Promise) await done;
    changed = true;
  }

  if (!isSymlink(entry)) {
    const wanted = finalPermissions(entry, plan);
    const hadAcls = extended?.attributes.setAcls(target, entry, mode, wanted, extended) ?? false;
    const isRewritten = hadAcls instanceof Promise ? await hadAcls : hadAcls;
    if (isRewritten || wanted !== (mode & 0o7777)) {
      const done = target.setMode(wanted);
      if (done instanceof Promise) await done;
      changed = true;
    }
  }
  return changed;
}

/** The times to be set; `null` when both are as they should be. */
function changedTimes(
  entry: FileEntry,
  plan: AttributePlan,
): { atime: FileTime | null; mtime: FileTime } | null {
  const { options, stat } = plan;
  const setsMtime = keepsTime(entry, options) && timeDiffers(entry, plan);
  const setsAtime = accessTimeDiffers(entry, stat, options);
  if (!setsMtime && !setsAtime) return null;
  return {
    atime: setsAtime ? { seconds: entry.extra?.atime ?? 0, nanoseconds: 0 } : null,
    mtime: setsMtime
      ? { seconds: entry.mtime, nanoseconds: entry.mtimeNs }
      : { seconds: stat.mtime, nanoseconds: stat.mtimeNs },
  };
}

function finalPermissions(entry: FileEntry, plan: AttributePlan): number {
  const { options, privileges } = plan;
  let wanted = wantedPermissions(entry, plan.replacedMode, options, plan.umask ?? privileges.umask);
  // The set-group-id bit that a new directory has from its parent stays.
  if (plan.replacedMode === null && !options.perms && isDirectory(entry)) {
    wanted |= plan.stat.mode & 0o2000;
  }
  if (options.changesFinalModes) {
    wanted = changeMode(options.modeChanges, wanted, isDirectory(entry));
  }
  return plan.lendsOwnerAccess ? wanted | 0o700 : wanted;
}

function timeDiffers(entry: FileEntry, plan: AttributePlan): boolean {
  const { stat, options } = plan;
  if (plan.exactTimes) return entry.mtime !== stat.mtime || entry.mtimeNs !== stat.mtimeNs;
  return !sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow);
}
