/**
 * What the alternate directories have of an entry (spec 3-transfer, 3.6).
 * @module
 */
import { type FileEntry, isDirectory } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { AlternateDirectory, Destination } from "../receiver/destination.js";
import type { FileStat } from "../tree/file-tree.js";
import type { GeneratorContext } from "./context.js";
import { hasSameAttributes } from "./item-differences.js";
import { type Candidate, isSameType, passesQuickCheck } from "./quick-check.js";

/** How much of an entry an item has already. */
export const MatchLevel = {
  /** An item of the same type. */
  Type: 1,
  /** It passes the quick check. */
  Content: 2,
  /** Its attributes are right as well. */
  Everything: 3,
} as const;

export type MatchLevel = (typeof MatchLevel)[keyof typeof MatchLevel];

/** An item of an alternate directory. */
export interface AlternateMatch extends Candidate {
  /** The number of the directory, which is its basis type too. */
  index: number;
  level: MatchLevel;
}

/** The first item that has the most of the entry; `null` when none is even of its type. */
export async function findAlternate(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<AlternateMatch | null> {
  const alternates = context.destination.alternates ?? [];
  let best: AlternateMatch | null = null;
  for (let index = 0; index < alternates.length; index++) {
    const candidate = await look(alternates[index]!, path);
    if (candidate === null || !isSameType(entry, candidate.stat)) continue;
    const level = await levelOf(context, entry, candidate);
    if (best === null || level > best.level) best = { ...candidate, index, level };
    if (level === MatchLevel.Everything) break;
  }
  return best;
}

async function look({ tree }: AlternateDirectory, path: ByteString): Promise<Candidate | null> {
  if (tree === null) return null;
  try {
    const stat = await tree.stat(path);
    return stat === null ? null : { tree, path, stat };
  } catch {
    return null; // what can not be looked at matches nothing
  }
}

async function levelOf(
  context: GeneratorContext,
  entry: FileEntry,
  candidate: Candidate,
): Promise<MatchLevel> {
  const isSame = isDirectory(entry) || (await passesQuickCheck(context.session, entry, candidate));
  if (!isSame) return MatchLevel.Type;
  const isAll = await hasSameAttributes(context, entry, candidate);
  return isAll ? MatchLevel.Everything : MatchLevel.Content;
}

/** Whether `stat` is of the very item that the first alternate directory to have the name has; decided without a promise. */
export function isLinkedToAlternate(
  { alternates }: Destination,
  path: ByteString,
  stat: FileStat,
): boolean {
  for (const { tree } of alternates ?? []) {
    if (tree === null) continue;
    if (!tree.synchronous) return false;
    try {
      const other = tree.stat(path) as FileStat | null;
      if (other !== null) return isSameInode(stat, other);
    } catch {
      // what can not be looked at matches nothing
    }
  }
  return false;
}

/** Whether two names are of one item. */
export function isSameInode(a: FileStat, b: FileStat): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}
