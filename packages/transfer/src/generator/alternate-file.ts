/**
 * A regular file that an alternate directory may have: it is left out, copied or linked, or serves as basis (spec 3-transfer,
 * 3.6).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Awaitable, FileStat } from "../tree/file-tree.js";
import { type AlternateMatch, findAlternate, isSameInode, MatchLevel } from "./alternate-match.js";
import { alternateBasis, type Basis } from "./basis.js";
import type { GeneratorContext } from "./context.js";
import { copyLocally } from "./copy-locally.js";
import { itemDifferences } from "./item-differences.js";
import { replaceByLink } from "./replace-by-link.js";
import { type ReportedItem, reportItem } from "./report-item.js";

/**
 * Does with a file what the kind of its match allows. `stat` is the regular file at the destination.
 * @returns "finished" when the file is in place, "left out" when it need not be there, a basis to ask for it with, or `null` when
 *   the alternate directories have nothing to say.
 */
export function useAlternateFile(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat | null,
): Awaitable<"finished" | "left out" | Basis | null> {
  const { alternateKind } = context.session.options;
  if (alternateKind === null || (stat !== null && alternateKind === "copy")) return null;
  return useMatch(context, ndx, entry, path, stat);
}

async function useMatch(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat | null,
): Promise<"finished" | "left out" | Basis | null> {
  const { alternateKind } = context.session.options;
  const match = await findAlternate(context, entry, path);
  if (match === null) return null;
  if (match.level === MatchLevel.Everything) {
    if (alternateKind === "compare") return leaveOut(context, { ndx, entry }, path, stat);
    if (alternateKind === "link") {
      if (stat !== null && isSameInode(stat, match.stat)) return null;
      if (await link(context, { ndx, entry }, path, stat, match)) return "finished";
    }
  }
  if (stat !== null) return null;
  if (match.level >= MatchLevel.Content && (await copy(context, ndx, entry, path, match))) {
    return "finished";
  }
  return alternateBasis(match);
}

async function leaveOut(
  { session, destination }: GeneratorContext,
  item: ReportedItem,
  path: ByteString,
  stat: FileStat | null,
): Promise<"left out"> {
  if (stat !== null && !session.options.dryRun) await destination.tree.removeFile(path);
  reportItem(session, item, 0);
  return "left out";
}

async function link(
  { session, destination }: GeneratorContext,
  item: ReportedItem,
  path: ByteString,
  stat: FileStat | null,
  match: AlternateMatch,
): Promise<boolean> {
  if (!session.options.dryRun) {
    try {
      await replaceByLink(destination.tree, path, match, stat !== null);
    } catch {
      return false; // too many links, another file system: a copy will do
    }
  }
  reportItem(session, item, ItemFlag.LocalChange, "");
  return true;
}

async function copy(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  match: AlternateMatch,
): Promise<boolean> {
  const { session } = context;
  if (!session.options.dryRun) {
    try {
      await copyLocally(context, entry, path, match);
    } catch {
      return false; // it is asked for, and trouble with the destination shows then
    }
  }
  const { flags, request } = await itemDifferences(context, entry, match, true);
  reportItem(session, { ndx, entry }, ItemFlag.LocalChange | flags, null, request);
  return true;
}
