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
import { BasisType, ItemFlag, writeXattrRequest } from "@tsrsync/protocol/item";
import type { ExtendedDifferences } from "../attributes/extended-attributes.js";
import { TURN_MS, Turn } from "../session/turn.js";
import { carriesXattrs } from "../session/xattr-exchange.js";
import type { Awaitable, TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import type { Basis } from "./basis.js";
import type { GeneratorContext } from "./context.js";
import { itemDifferences, newItemDifferences } from "./item-differences.js";

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
  const compared = transferDifferences(context, entry, basis);
  const { flags: found, request } = compared instanceof Promise ? await compared : compared;
  let flags = found | ItemFlag.Transfer;
  if (options.checksum) flags |= ItemFlag.ReportChange;
  if (basisType !== BasisType.Destination) flags |= ItemFlag.BasisTypeFollows;
  if (xname !== null) flags |= ItemFlag.XnameFollows;

  if (!redo) phases.requested(ndx);
  phases.expectBasis(ndx, basis);
  if (phases.replay !== null) {
    phases.replay.want(ndx);
    return;
  }
  session.writeItem({ ndx, flags, basisType, xname });
  if (carriesXattrs(session, flags)) writeXattrRequest(session.output.writer, request);
  if (options.dryRun && !options.onlyWriteBatch) {
    session.output.flushWhenFull();
    return;
  }
  const usable = basis !== null && basis.stat.size > 0 && !options.wholeFile;
  const file = usable ? await openBasis(context, basis) : null;
  if (file === null) {
    writeSumHead(session.output.writer, EMPTY_SUM_HEAD, protocol);
    session.output.flushWhenFull();
    return;
  }
  try {
    await writeSignature(context, basis!.tree.synchronous, file, redo, protocol);
  } finally {
    await file.close();
  }
}

function transferDifferences(
  context: GeneratorContext,
  entry: FileEntry,
  basis: Basis | null,
): Awaitable<ExtendedDifferences> {
  if (basis === null || basis.compared === null) {
    const { flags, request } = newItemDifferences(context, entry);
    return { flags: flags | ItemFlag.IsNew, request };
  }
  const candidate = { tree: basis.tree, path: basis.path, stat: basis.compared };
  return itemDifferences(context, entry, candidate, true);
}

async function openBasis(
  { destination, session }: GeneratorContext,
  { tree, path }: Basis,
): Promise<TreeFile | null> {
  try {
    return await tree.open(path, {
      leavesAccessTime: session.options.openNoatime,
      opensDevices: session.options.writeDevices,
    });
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
  writeSumHead(output.writer, head, protocol);
  // What is appended to needs no sums: the sender only wants to know how long it is.
  if (options.append !== "none" && !redo) {
    output.flushWhenFull();
    return;
  }
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
