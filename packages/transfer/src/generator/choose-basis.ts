/**
 * Bases that come from the way in which files are written: partial files of an earlier run, and the backup of a file that is
 * written over (spec 3-transfer, 3.7 steps 5, 10 and 13).
 * @module
 */
import { BasisType } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Backups } from "../receiver/backups.js";
import type { PartialFiles } from "../receiver/partial-files.js";
import type { Awaitable } from "../tree/file-tree.js";
import type { Basis } from "./basis.js";
import type { GeneratorContext } from "./context.js";

/** What an earlier run has left of the file; `other` would be the basis without it, and is what the record compares with. */
export function findPartial(
  { session, workspace }: GeneratorContext,
  path: ByteString,
  other: Basis | null,
): Awaitable<Basis | null> {
  const { partials } = workspace;
  if (partials === null || session.options.wholeFile) return null;
  return partialBasis(partials, path, other);
}

async function partialBasis(
  partials: PartialFiles,
  path: ByteString,
  other: Basis | null,
): Promise<Basis | null> {
  const stat = await partials.find(path);
  if (stat === null) return null;
  const place = partials.placeOf(path);
  return {
    type: BasisType.PartialDir,
    xname: null,
    ...place,
    stat,
    compared: other?.compared ?? null,
  };
}

/**
 * The basis as it is when the data comes: a file that is written over is kept before, and then its backup is the basis.
 * `redo`: this was done for the first try. Its backup is the only one, and protocol 28 takes it for the basis again.
 */
export function keptBasis(
  context: GeneratorContext,
  basis: Basis | null,
  redo: boolean,
): Awaitable<Basis | null> {
  const { options } = context.session;
  const { backups } = context.workspace;
  if (basis === null || basis.type !== BasisType.Destination) return basis;
  if (!options.inplace || backups === null || options.dryRun) return basis;
  return keptIn(backups, context, basis, redo);
}

async function keptIn(
  backups: Backups,
  { session: { options, protocol } }: GeneratorContext,
  basis: Basis,
  redo: boolean,
): Promise<Basis> {
  if (redo && protocol >= 29) return basis;
  if (!redo && !(await backups.keepCopy(basis.path))) return basis;
  if (options.wholeFile) return basis;
  return { ...basis, type: BasisType.Backup, ...backups.placeOf(basis.path) };
}
