/**
 * Items without content of their own, and directories, that an alternate directory may have (spec 3-transfer, 3.6).
 * @module
 */
import { type FileEntry, isDirectory } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ExtendedDifferences } from "../attributes/extended-attributes.js";
import { type AlternateMatch, findAlternate, MatchLevel } from "./alternate-match.js";
import type { GeneratorContext } from "./context.js";
import { itemDifferences, newItemDifferences } from "./item-differences.js";
import { reportItem } from "./report-item.js";

/**
 * Does with a missing item what the kind of its match allows.
 * @returns "finished" when it is in place, "left out" when it need not be there; else it is to be made, and reported with
 *   the differences returned.
 */
export async function useAlternateItem(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
): Promise<"finished" | "left out" | ExtendedDifferences> {
  const { session } = context;
  const match = await findAlternate(context, entry, path);
  if (match?.level !== MatchLevel.Everything) return differencesOfMade(context, entry, match);
  if (session.options.alternateKind === "compare") {
    reportItem(session, { ndx, entry }, 0);
    return "left out";
  }
  if (session.options.alternateKind === "link" && (await link(context, path, match))) {
    reportItem(session, { ndx, entry }, ItemFlag.LocalChange, "");
    return "finished";
  }
  return { flags: ItemFlag.LocalChange, request: [] };
}

/** What is reported of a directory that is made. */
export async function differencesOfNewDirectory(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<ExtendedDifferences> {
  return differencesOfMade(context, entry, await findAlternate(context, entry, path));
}

/** An item that is made is compared with the one of its type that an alternate directory has. */
async function differencesOfMade(
  context: GeneratorContext,
  entry: FileEntry,
  match: AlternateMatch | null,
): Promise<ExtendedDifferences> {
  const change = ItemFlag.LocalChange | (isDirectory(entry) ? 0 : ItemFlag.ReportChange);
  if (match === null) {
    const { flags, request } = newItemDifferences(context, entry);
    return { flags: flags | change | ItemFlag.IsNew, request };
  }
  const changed = match.level < MatchLevel.Everything;
  const { flags, request } = await itemDifferences(context, entry, match, changed);
  return { flags: flags | change, request };
}

async function link(
  { session, destination }: GeneratorContext,
  path: ByteString,
  match: AlternateMatch,
): Promise<boolean> {
  if (session.options.dryRun) return true;
  try {
    await destination.tree.linkFrom(match.tree, match.path, path);
    return true;
  } catch {
    return false; // not every file system links every type: it is made instead
  }
}
