/**
 * What `--ignore-existing` tells of a file that it leaves alone (spec 4-command, 13.7).
 * @module
 */
import { type FileEntry, isRegular } from "@tsrsync/protocol/file-list";
import type { ExistingReason } from "../session/observer.js";
import type { GeneratorContext } from "./context.js";
import { itemDifferences } from "./item-differences.js";
import { type Candidate, passesQuickCheck } from "./quick-check.js";

const S_IFMT = 0o170000;

/** Tells that the item is there, and if that is wanted what would have become of it. */
export async function tellExisting(
  context: GeneratorContext,
  entry: FileEntry,
  candidate: Candidate,
): Promise<void> {
  const { observer, options } = context.session;
  if (observer.skipped === undefined) return;
  const why = options.explainSkips ? await reasonFor(context, entry, candidate) : "exists";
  observer.skipped({ path: candidate.path, why });
}

async function reasonFor(
  context: GeneratorContext,
  entry: FileEntry,
  candidate: Candidate,
): Promise<ExistingReason> {
  const { session } = context;
  if ((candidate.stat.mode & S_IFMT) !== (entry.mode & S_IFMT)) return "type change";
  if (!(await passesQuickCheck(session, entry, candidate))) {
    return session.options.checksum && isRegular(entry) ? "sum change" : "file change";
  }
  const { flags } = await itemDifferences(context, entry, candidate, false);
  return flags === 0 ? "uptodate" : "attr change";
}
