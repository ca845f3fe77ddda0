/**
 * Making a name of an item a hard link to another one, and telling it (spec 3-transfer, 2.7 and 3.4).
 * @module
 */
import { isRegular } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat } from "../tree/file-tree.js";
import { isDirectoryMode } from "../tree/item-type.js";
import { reason } from "../tree/system-error.js";
import { findAlternate, isSameInode, MatchLevel } from "./alternate-match.js";
import type { GeneratorContext } from "./context.js";
import type { HardLinkGroup, Member } from "./hard-link-groups.js";
import { itemDifferences } from "./item-differences.js";
import type { Remover } from "./remove.js";
import { replaceByLink } from "./replace-by-link.js";
import { reportItem } from "./report-item.js";

/** Links `member` to the leader of its group. False when that failed, which was told. */
export async function makeLink(
  context: GeneratorContext,
  remover: Remover,
  leader: NonNullable<HardLinkGroup["leader"]>,
  member: Member,
): Promise<boolean> {
  const { session, destination } = context;
  const { tree } = destination;
  const { entry, path } = member;
  try {
    const present = await tree.stat(path);
    // Only what is there, or lies in a directory of --link-dest, can be the leader's item already.
    const mayBeLinked = present !== null || session.options.alternateKind === "link";
    const target = mayBeLinked ? await tree.stat(leader.path) : null;
    if (present !== null && target !== null && isSameInode(present, target)) {
      const { flags } = await itemDifferences(context, entry, { tree, path, stat: present }, false);
      reportItem(session, member, ItemFlag.LocalChange | flags, "");
      return true;
    }
    const flags = await flagsOfLink(context, member, present, target, leader.path);
    if (!session.options.dryRun && !(await link(context, remover, leader.path, member, present))) {
      return false;
    }
    if (flags !== null) reportItem(session, member, flags, leader.name);
    return true;
  } catch (error) {
    const names = `${destination.describe(path)} => ${leader.name}`;
    session.notice("transfer-error", `rsync: [generator] link ${names} failed: ${reason(error)}`);
    return false;
  }
}

async function link(
  { destination, session }: GeneratorContext,
  remover: Remover,
  target: string,
  { path }: Member,
  present: FileStat | null,
): Promise<boolean> {
  const { tree } = destination;
  let isTaken = present !== null;
  if (present !== null && isDirectoryMode(present.mode)) {
    if (!(await remover.clearWay(path, present.mode))) {
      session.notice("transfer-error", `could not make way for new hard link: ${path}`);
      return false;
    }
    isTaken = false;
  }
  await replaceByLink(tree, path, { tree, path: target }, isTaken);
  return true;
}

/** What is told of a link that is made; `null` when it comes from an alternate directory, which is no news. */
async function flagsOfLink(
  context: GeneratorContext,
  { entry, path }: Member,
  present: FileStat | null,
  target: FileStat | null,
  leaderPath: ByteString,
): Promise<number | null> {
  const { session } = context;
  const { options } = session;
  if (present !== null) {
    const { tree } = context.destination;
    const { flags } = await itemDifferences(context, entry, { tree, path, stat: present }, true);
    return ItemFlag.LocalChange | flags;
  }
  const kind = options.alternateKind;
  const isLinked = kind === "link";
  if (isLinked || (kind === "copy" && isRegular(entry))) {
    const match = await findAlternate(context, entry, path);
    if (match !== null && match.level >= MatchLevel.Content) {
      if (!isLinked) {
        return ItemFlag.LocalChange | (await itemDifferences(context, entry, match, true)).flags;
      }
      // A dry run has not made the leader.
      const made = target ?? (await findAlternate(context, entry, leaderPath))?.stat ?? null;
      const isOld = made !== null && isSameInode(match.stat, made);
      if (isOld && options.tellsUnchanged) session.notice("info", `${entry.name} is uptodate`);
      if (isOld)
        return options.reportUnchanged && !options.tellsUnchanged ? ItemFlag.LocalChange : null;
    }
  }
  return ItemFlag.LocalChange | ItemFlag.IsNew;
}
