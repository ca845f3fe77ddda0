/**
 * Writing over the file that is there: the destination itself, or the partial file of an earlier run, which takes its
 * place when it is complete (spec 3-transfer, 8.3 and 8.5).
 * @module
 */
import { BasisType } from "@tsrsync/protocol/item";
import type { FileStat, TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { PlacedTarget } from "./data-target.js";
import {
  type FileJob,
  type FileOutput,
  type Rejection,
  writesPartialInPlace,
} from "./file-output.js";
import { giveAttributes, putInPlace, replacedFile, tellSuccess } from "./finish-file.js";
import type { FilePlace } from "./partial-files.js";
import { reserveSpace } from "./reserve-space.js";

/** A new file gets its permissions when it is complete. */
const NEW_FILE_MODE = 0o600;

/** Opens the file to write to; `null` when that is not possible, which is told. */
export async function openInPlaceOutput(job: FileJob): Promise<FileOutput | null> {
  const { workspace, path, start, basisType, hasBasis } = job;
  const { session, destination, partials } = workspace;
  const isPartial = writesPartialInPlace(job);
  const place = isPartial ? partials!.placeOf(path) : { tree: destination.tree, path };
  try {
    const present = await destination.tree.stat(path);
    const file = await place.tree.openForUpdate(
      place.path,
      NEW_FILE_MODE,
      session.options.writeDevices,
    );
    const { size } = await file.stat();
    const own = isPartial ? BasisType.PartialDir : BasisType.Destination;
    const target = new PlacedTarget(file, {
      start,
      size: await reserveSpace(job, file, size),
      sparse: session.options.sparse,
      isBasis: hasBasis && basisType === own,
    });
    return new InPlaceOutput(job, isPartial ? place : null, file, present, target);
  } catch (error) {
    const text = `rsync: [receiver] open ${destination.describe(path)} failed: ${reason(error)}`;
    session.notice("transfer-error", text);
    return null;
  }
}

class InPlaceOutput implements FileOutput {
  readonly target: PlacedTarget;
  readonly #job: FileJob;
  /** The partial file that is written to; `null` when it is the destination itself. */
  readonly #partial: FilePlace | null;
  readonly #file: TreeFile;
  /** What the destination was before. */
  readonly #present: FileStat | null;

  constructor(
    job: FileJob,
    partial: FilePlace | null,
    file: TreeFile,
    present: FileStat | null,
    target: PlacedTarget,
  ) {
    this.#job = job;
    this.#partial = partial;
    this.#file = file;
    this.#present = present;
    this.target = target;
  }

  async accept(): Promise<boolean> {
    const { workspace, delayed, ndx, path } = this.#job;
    try {
      await this.#complete("set");
      if (this.#partial !== null) {
        if (delayed !== null) {
          delayed.add(this.#job);
          return true;
        }
        if (!(await putInPlace(workspace, this.#partial, path))) return false;
        await workspace.partials?.tidy(path);
      }
      tellSuccess(workspace, ndx);
      return true;
    } catch (error) {
      const name = workspace.destination.describe(path);
      const text = `rsync: [receiver] failed to set attributes on ${name}: ${reason(error)}`;
      workspace.session.notice("transfer-error", text);
      return false;
    }
  }

  async reject(): Promise<Rejection> {
    await this.#complete("leave");
    return this.#partial === null ? "retained" : "put into partial-dir";
  }

  /** What was written stays: it can not be taken back. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  async #complete(times: "set" | "leave"): Promise<void> {
    const { workspace, entry, path } = this.#job;
    const replaced = this.#partial === null ? this.#present : await replacedFile(workspace, path);
    await giveAttributes(workspace, { file: this.#file, entry, path, replaced }, times);
    await this.#file.close();
  }
}
