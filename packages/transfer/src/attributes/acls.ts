/**
 * ACLs of items at the destination: comparing and setting (spec 2-file-list, 2.12.2).
 * @module
 */
import {
  ACCESS_ACL,
  asModeLeaves,
  DEFAULT_ACL,
  decodePosixAcl,
  encodePosixAcl,
  equalAcls,
  fullAccessAcl,
  fullDefaultAcl,
} from "@tsrsync/protocol/attributes";
import { type FileEntry, isDirectory, isSymlink, type WireAcl } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ItemAttributes } from "../tree/file-tree.js";
import { errorCode } from "../tree/system-error.js";

/** What is to be done about the ACLs of an item. A default ACL of `null` is none. */
export interface AclChanges {
  access?: WireAcl;
  default?: WireAcl | null;
}

/** A full ACL of an item; `null` when it has none of that kind, or its file system none at all. */
export async function readAcl(
  item: ItemAttributes,
  kind: typeof ACCESS_ACL | typeof DEFAULT_ACL,
): Promise<WireAcl | null> {
  try {
    const answer = item.getAttribute(kind);
    const value = answer instanceof Promise ? await answer : answer;
    return value === null ? null : decodePosixAcl(value);
  } catch (error) {
    if (isUnsupported(error)) return null;
    throw error;
  }
}

/** Whether a file system says that it has no attributes of the kind. */
export function isUnsupported(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOTSUP" || code === "EOPNOTSUPP";
}

/**
 * How the ACLs of an item must change to be those of its entry.
 * @param present the mode that the item has
 * @param wanted the mode that it is to have: what it tells is left to it
 */
export async function aclChanges(
  entry: FileEntry,
  item: ItemAttributes,
  present: number,
  wanted: number,
): Promise<AclChanges> {
  if (isSymlink(entry)) return {};
  const changes: AclChanges = {};
  const access = fullAccessAcl(entry.extra?.accessAcl ?? null, wanted);
  const before = (await readAcl(item, ACCESS_ACL)) ?? fullAccessAcl(null, present);
  if (!equalAcls(asModeLeaves(before, wanted), access)) changes.access = access;
  if (!isDirectory(entry)) return changes;
  const wire = entry.extra?.defaultAcl ?? null;
  const inherited = wire === null ? null : fullDefaultAcl(wire);
  const inheritedBefore = await readAcl(item, DEFAULT_ACL);
  const isSame =
    inherited === null || inheritedBefore === null
      ? inherited === inheritedBefore
      : equalAcls(inherited, inheritedBefore);
  if (!isSame) changes.default = inherited;
  return changes;
}

/** Sets what is to change; `failed` is told of what could not be, by the kind's name in rsync's texts. */
export async function applyAclChanges(
  item: ItemAttributes,
  changes: AclChanges,
  failed: (kind: ByteString, error: unknown) => void,
): Promise<void> {
  if (changes.access !== undefined) {
    try {
      await item.setAttribute(ACCESS_ACL, encodePosixAcl(changes.access));
    } catch (error) {
      failed("ACL_TYPE_ACCESS", error);
    }
  }
  if (changes.default === undefined) return;
  try {
    if (changes.default === null) await item.removeAttribute(DEFAULT_ACL);
    else await item.setAttribute(DEFAULT_ACL, encodePosixAcl(changes.default));
  } catch (error) {
    failed("ACL_TYPE_DEFAULT", error);
  }
}

/** Gives an item the ACLs of another one of the same type. */
export async function copyAcls(from: ItemAttributes, to: ItemAttributes): Promise<void> {
  for (const kind of [ACCESS_ACL, DEFAULT_ACL] as const) {
    const acl = await readAcl(from, kind);
    if (acl !== null) await to.setAttribute(kind, encodePosixAcl(acl));
    else if ((await readAcl(to, kind)) !== null) await to.removeAttribute(kind);
  }
}
