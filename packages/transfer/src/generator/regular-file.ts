/**
 * The generator's work on a regular file: is it up to date, and if not, what is asked for (spec 3-transfer, 3.7).
 * @module
 */
import { type FileEntry, isDeviceMode } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { useAlternateFile } from "./alternate-file.js";
import { findAlternate } from "./alternate-match.js";
import { applyAttributes, pathTarget } from "./apply-attributes.js";
import { alternateBasis, type Basis, destinationBasis } from "./basis.js";
import { findPartial, keptBasis } from "./choose-basis.js";
import type { GeneratorContext } from "./context.js";
import { itemDifferences } from "./item-differences.js";
import { passesQuickCheck } from "./quick-check.js";
import type { Remover } from "./remove.js";
import { reportItem } from "./report-item.js";
import { requestFile } from "./request-file.js";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** What became of an item, as far as other names of it are concerned. */
export type ItemOutcome =
  /** It is as it should be. */
  | "finished"
  /** It is a link to an earlier name of it. */
  | "linked"
  /** Its data was asked for. */
  | "requested"
  /** Another name of it will be asked for. */
  | "deferred"
  /** It is left alone, or could not be made. */
  | "skipped";

/** What the work on an item needs to know besides the entry. */
export interface ItemWork {
  ndx: number;
  entry: FileEntry;
  path: ByteString;
  /** What is at the destination. */
  present: FileStat | null;
  /** Another name of the item follows: it may be the one to be asked for. */
  mayDefer: boolean;
}

/** Asks for the file's data, or brings its attributes up to date. */
export async function generateRegularFile(
  context: GeneratorContext,
  remover: Remover,
  { ndx, entry, path, present, mayDefer }: ItemWork,
): Promise<ItemOutcome> {
  const { session } = context;
  if (isSkipped(context, entry, path, present)) return "skipped";
  const writesDevice = present !== null && session.options.writeDevices;
  let stat = writesDevice ? await deviceAsFile(context, path, present) : present;
  if (stat !== null && (stat.mode & S_IFMT) !== S_IFREG) {
    if (!(await remover.clearWay(path, stat.mode))) {
      session.notice("transfer-error", `could not make way for new regular file: ${path}`);
      return "skipped";
    }
    stat = null;
  }
  const found = useAlternateFile(context, ndx, entry, path, stat);
  const alternate = found instanceof Promise ? await found : found;
  if (alternate === "finished") return "finished";
  if (alternate === "left out") return "skipped";
  const { tree } = context.destination;
  if (stat !== null && (await passesQuickCheck(session, entry, { tree, path, stat }))) {
    await adjustAttributes(context, ndx, entry, path, stat);
    if (!session.options.dryRun) await context.workspace.partials?.remove(path);
    return "finished";
  }
  const own = stat === null ? null : destinationBasis(tree, path, stat);
  if (own !== null && session.options.append !== "none" && own.stat.size >= entry.size) {
    return "skipped"; // there is nothing to append
  }
  const left = findPartial(context, path, own ?? alternate);
  const partial = left instanceof Promise ? await left : left;
  let basis = partial ?? own ?? alternate;
  if (basis === null && context.fuzzy !== null) basis = await context.fuzzy.find(entry, path);
  if (basis === null && mayDefer) return "deferred";
  if (own !== null) context.fuzzy?.willChange(path);
  const kept = keptBasis(context, basis, false);
  await requestFile(context, ndx, entry, kept instanceof Promise ? await kept : kept, false);
  return "requested";
}

/** `--write-devices`: a device counts as a file of what is on it. */
async function deviceAsFile(
  { session, destination }: GeneratorContext,
  path: ByteString,
  stat: FileStat | null,
): Promise<FileStat | null> {
  if (stat === null || !session.options.writeDevices || !isDeviceMode(stat.mode)) return stat;
  try {
    const device = await destination.tree.open(path, { opensDevices: true });
    const { size } = await device.stat();
    await device.close();
    return { ...stat, mode: S_IFREG | (stat.mode & 0o7777), size };
  } catch {
    return stat; // what can not be opened is replaced, as anything else in the way
  }
}

/** Asks once more for a file that failed its verification. */
export async function requestAgain(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
): Promise<void> {
  const { tree } = context.destination;
  const stat = await deviceAsFile(context, path, await tree.stat(path));
  const isRegular = stat !== null && (stat.mode & S_IFMT) === S_IFREG;
  const own = isRegular ? destinationBasis(tree, path, stat) : null;
  const basis = own ?? (await otherBasis(context, entry, path));
  const partial = await findPartial(context, path, basis);
  await requestFile(context, ndx, entry, partial ?? (await keptBasis(context, basis, true)), true);
}

async function otherBasis(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<Basis | null> {
  const match = await findAlternate(context, entry, path);
  return match === null ? findFuzzy(context, entry, path) : alternateBasis(match);
}

async function findFuzzy(
  { fuzzy }: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<Basis | null> {
  return fuzzy === null ? null : fuzzy.find(entry, path);
}

/** The transfer rules that leave a file alone. */
function isSkipped(
  { session }: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat | null,
): boolean {
  const { options } = session;
  if (options.maxSize !== null && entry.size > options.maxSize) {
    session.observer.skipped?.({ path, why: "over max-size" });
    return true;
  }
  if (options.minSize !== null && entry.size < options.minSize) {
    session.observer.skipped?.({ path, why: "under min-size" });
    return true;
  }
  if (!options.update || stat === null || (stat.mode & S_IFMT) !== S_IFREG) return false;
  const window = options.modifyWindow;
  const newer = window === 0 ? stat.mtime > entry.mtime : entry.mtime - stat.mtime < window;
  if (newer) session.observer.skipped?.({ path, why: "newer" });
  return newer;
}

async function adjustAttributes(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat,
): Promise<void> {
  const { session, destination } = context;
  const { options } = session;
  const candidate = { tree: destination.tree, path, stat };
  const { flags, request } = await itemDifferences(context, entry, candidate, false);
  reportItem(session, { ndx, entry }, flags, null, request);
  if (options.dryRun) return;
  try {
    await applyAttributes(pathTarget(destination.tree, path), entry, {
      options,
      privileges: destination.privileges,
      stat,
      replacedMode: stat.mode,
      exactTimes: false,
      extended: destination.extended?.planFor("generator", path) ?? null,
    });
  } catch (error) {
    session.notice(
      "transfer-error",
      `rsync: [generator] failed to set attributes on ${destination.describe(path)}: ${reason(error)}`,
    );
  }
}
