/**
 * Asking the sender for a regular file: the record, and the block sums of the basis (spec 3-transfer, 2.1 and 4).
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
import { TURN_MS, Turn } from "../session/turn.js";
import type { TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import type { Basis } from "./basis.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences } from "./differences.js";

/** Writes the request: record, sum head and block sums of the basis. `redo`: the first try failed its verification. */
export async function requestFile(
  context: GeneratorContext,
  ndx: number,
  entry: FileEntry,
  basis: Basis | null,
  redo: boolean,
): Promise<void> {
  const { session, phases } = context;
  const { options, protocol } = session;
  const basisType = basis?.type ?? BasisType.Destination;
  const xname = basis?.xname ?? null;
  let flags = transferFlags(context, entry, basis);
  if (basisType !== BasisType.Destination) flags |= ItemFlag.BasisTypeFollows;
  if (xname !== null) flags |= ItemFlag.XnameFollows;

  if (!redo) phases.requested(ndx);
  phases.expectBasis(ndx, basis);
  session.writeItem({ ndx, flags, basisType, xname });
  if (options.dryRun) {
    session.output.flushWhenFull();
    return;
  }
  const usable = basis !== null && basis.stat.size > 0 && !options.wholeFile;
  const file = usable ? await openBasis(context, basis) : null;
  if (file === null) {
    writeSumHead(session.output.writer, EMPTY_SUM_HEAD);
    session.output.flushWhenFull();
    return;
  }
  try {
    await writeSignature(context, basis!.tree.synchronous, file, redo, protocol);
  } finally {
    await file.close();
  }
}

function transferFlags(
  { session, destination }: GeneratorContext,
  entry: FileEntry,
  basis: Basis | null,
): number {
  const { options } = session;
  const flags = ItemFlag.Transfer | (options.checksum ? ItemFlag.ReportChange : 0);
  const compared = basis?.compared ?? null;
  if (compared === null) return flags | ItemFlag.IsNew;
  return flags | attributeDifferences(entry, compared, options, destination.privileges, true);
}

async function openBasis(
  { destination, session }: GeneratorContext,
  { tree, path }: Basis,
): Promise<TreeFile | null> {
  try {
    return await tree.open(path, { leavesAccessTime: session.options.openNoatime });
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
  { session }: GeneratorContext,
  synchronous: boolean,
  file: TreeFile,
  redo: boolean,
  protocol: number,
): Promise<void> {
  const { output, strong, options } = session;
  const head = computeSumHead((await file.stat()).size, {
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
    if (synchronous) {
      maker.add(file.read(maker.room()) as number, output.writer);
    } else {
      const copy = new Uint8Array(maker.room().length);
      const count = await file.read(copy);
      maker.room().set(copy.subarray(0, count));
      maker.add(count, output.writer);
    }
    output.flushWhenFull();
    await output.drained();
    if (turn.isOver) await turn.pass();
  }
}
