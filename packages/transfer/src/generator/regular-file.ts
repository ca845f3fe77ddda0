/**
 * The generator's work on a regular file: is it up to date, and if not, what is asked for (spec 3-transfer, 3.7).
 * @module
 */
import {
  computeSumHead,
  EMPTY_SUM_HEAD,
  SignatureMaker,
  writeSumHead,
} from "@tsrsync/protocol/delta";
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { BasisType, ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import { TURN_MS, Turn } from "../session/turn.js";
import type { FileStat, TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { applyAttributes, pathTarget } from "./apply-attributes.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences, sameTime } from "./differences.js";
import { hashFile } from "./list-hash.js";
import type { Remover } from "./remove.js";
import { reportItem } from "./report-item.js";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** Asks for the file's data, or brings its attributes up to date. */
export async function generateRegularFile(
  context: GeneratorContext,
  remover: Remover,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  present: FileStat | null,
): Promise<void> {
  const { session } = context;
  if (isSkipped(context, entry, path, present)) return;
  let stat = present;
  if (stat !== null && (stat.mode & S_IFMT) !== S_IFREG) {
    if (!(await remover.clearWay(path, stat.mode))) {
      session.notice("transfer-error", `could not make way for new regular file: ${path}`);
      return;
    }
    stat = null;
  }
  if (stat !== null && (await isUpToDate(context, entry, path, stat))) {
    await adjustAttributes(context, ndx, entry, path, stat);
    return;
  }
  await requestFile(context, ndx, entry, path, stat, false);
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

async function isUpToDate(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat,
): Promise<boolean> {
  const { options } = context.session;
  if (entry.size !== stat.size) return false;
  if (options.checksum) return hasChecksum(context, entry, path);
  if (options.sizeOnly) return true;
  if (options.ignoreTimes) return false;
  return sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow);
}

async function hasChecksum(
  context: GeneratorContext,
  entry: FileEntry,
  path: ByteString,
): Promise<boolean> {
  const { destination, session } = context;
  const expected = entry.extra?.checksum ?? null;
  return expected !== null && expected === (await hashFile(session, destination.tree, path));
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
  reportItem(
    session,
    ndx,
    attributeDifferences(entry, stat, options, destination.privileges, false),
  );
  if (options.dryRun) return;
  try {
    await applyAttributes(pathTarget(destination.tree, path), entry, {
      options,
      privileges: destination.privileges,
      stat,
      replacedMode: stat.mode,
      exactTimes: false,
    });
  } catch (error) {
    session.notice(
      "transfer-error",
      `rsync: [generator] failed to set attributes on ${destination.describe(path)}: ${reason(error)}`,
    );
  }
}

/** Writes the request: record, sum head and block sums of the basis. `redo`: the first try failed its verification. */
export async function requestFile(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  path: ByteString,
  stat: FileStat | null,
  redo: boolean,
): Promise<void> {
  const { session, destination } = context;
  const { options, protocol } = session;
  let flags: number = ItemFlag.Transfer;
  if (options.checksum) flags |= ItemFlag.ReportChange;
  if (stat === null) flags |= ItemFlag.IsNew;
  else flags |= attributeDifferences(entry, stat, options, destination.privileges, true);

  if (!redo) context.phases.requested(ndx);
  session.writeItem({ ndx, flags, basisType: BasisType.Destination, xname: null });
  if (options.dryRun) {
    session.output.flushWhenFull();
    return;
  }
  const basis =
    stat === null || stat.size === 0 || options.wholeFile ? null : await openBasis(context, path);
  if (basis === null) {
    writeSumHead(session.output.writer, EMPTY_SUM_HEAD);
    session.output.flushWhenFull();
    return;
  }
  try {
    await writeSignature(context, basis, (await basis.stat()).size, redo, protocol);
  } finally {
    await basis.close();
  }
}

async function openBasis(context: GeneratorContext, path: ByteString): Promise<TreeFile | null> {
  const { destination, session } = context;
  try {
    return await destination.tree.open(path);
  } catch (error) {
    // Without a readable basis the whole file is asked for; the receiver replaces what is there.
    session.notice(
      "info",
      `rsync: [generator] failed to open ${destination.describe(path)}, continuing: ${reason(error)}`,
    );
    return null;
  }
}

async function writeSignature(
  context: GeneratorContext,
  basis: TreeFile,
  size: number,
  redo: boolean,
  protocol: number,
): Promise<void> {
  const { session, destination } = context;
  const { output, strong, options } = session;
  const head = computeSumHead(size, {
    protocol,
    blockSize: options.blockSize,
    digestLength: strong.digestLength,
    redo,
  });
  writeSumHead(output.writer, head);
  const maker = new SignatureMaker(strong, head);
  const turn = new Turn(TURN_MS);
  while (!maker.done) {
    // The kernel's memory is shared: nothing may wait between filling it and using it.
    if (destination.tree.synchronous) {
      maker.add(basis.read(maker.room()) as number, output.writer);
    } else {
      const copy = new Uint8Array(maker.room().length);
      const count = await basis.read(copy);
      maker.room().set(copy.subarray(0, count));
      maker.add(count, output.writer);
    }
    output.flushWhenFull();
    await output.drained();
    if (turn.isOver) await turn.pass();
  }
}
