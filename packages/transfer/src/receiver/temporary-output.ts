/**
 * A temporary file that takes its place when it is complete: whoever looks sees the old file or the new one, never half
 * of it (spec 3-transfer, 8.2 to 8.4).
 * @module
 */
import { moveItem } from "../tree/copy-item.js";
import type { FileTree, TemporaryFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { temporaryPath } from "../tree/temporary-name.js";
import { leafOf } from "../tree/tree-path.js";
import { type DataTarget, NewFileTarget, PlacedTarget } from "./data-target.js";
import type { FileJob, FileOutput, Rejection } from "./file-output.js";
import { discard, giveAttributes, putInPlace, replacedFile, tellSuccess } from "./finish-file.js";
import { reserveSpace } from "./reserve-space.js";

/** Creates the temporary file; `null` when that is not possible, which is told. */
export async function openTemporaryOutput(job: FileJob): Promise<FileOutput | null> {
  const { workspace, entry, path } = job;
  const { session, destination, temporaries, phases } = workspace;
  try {
    const answer =
      temporaries === null
        ? destination.tree.createTemporary(path, entry.mode)
        : temporaries.createTemporary(leafOf(path), entry.mode, "plain");
    const temporary = answer instanceof Promise ? await answer : answer;
    if (temporaries === null) phases.temporaries.add(temporary.path);
    const space = reserveSpace(job, temporary.file, 0);
    const reserved = space instanceof Promise ? await space : space;
    return new TemporaryOutput(job, temporaries ?? destination.tree, temporary, reserved);
  } catch (error) {
    const name = destination.describe(temporaryPath(path));
    const text = `rsync: [receiver] mkstemp ${name} failed: ${reason(error)}`;
    session.notice("transfer-error", text);
    return null;
  }
}

class TemporaryOutput implements FileOutput {
  readonly target: DataTarget;
  readonly #job: FileJob;
  readonly #tree: FileTree;
  readonly #temporary: TemporaryFile;

  constructor(job: FileJob, tree: FileTree, temporary: TemporaryFile, reserved: number) {
    const { sparse } = job.workspace.session.options;
    this.#job = job;
    this.#tree = tree;
    this.#temporary = temporary;
    this.target =
      sparse || reserved > 0
        ? new PlacedTarget(temporary.file, { start: 0, size: reserved, sparse, isBasis: false })
        : new NewFileTarget(temporary.file);
  }

  async accept(): Promise<boolean> {
    const { workspace, delayed, ndx, path } = this.#job;
    const { partials, session } = workspace;
    try {
      await this.#complete("set");
      if (delayed !== null) {
        await this.#moveToPartials();
        delayed.add(this.#job);
        this.#forget();
        return true;
      }
      const isPlaced = await putInPlace(workspace, this.#place, path);
      if (!isPlaced) await this.#discard();
      else if (partials !== null) await partials.remove(path);
      if (isPlaced) tellSuccess(workspace, ndx);
      this.#forget();
      return isPlaced;
    } catch (error) {
      const name = workspace.destination.describe(path);
      const text = `rsync: [receiver] failed to set attributes on ${name}: ${reason(error)}`;
      session.notice("transfer-error", text);
      await this.#discard();
      return false;
    }
  }

  async reject(): Promise<Rejection> {
    const { workspace, path } = this.#job;
    const { partials, session } = workspace;
    if (partials === null && !session.options.partial) {
      await this.#discard();
      return "discarded";
    }
    await this.#complete("leave");
    if (partials !== null) {
      await this.#moveToPartials();
      this.#forget();
      return "put into partial-dir";
    }
    const isPlaced = await putInPlace(workspace, this.#place, path);
    if (!isPlaced) await this.#discard();
    this.#forget();
    return isPlaced ? "retained" : "discarded";
  }

  async abandon(hasData: boolean): Promise<void> {
    const { workspace, entry, path } = this.#job;
    const { partials, session, destination } = workspace;
    const { file } = this.#temporary;
    if (!hasData || (partials === null && !session.options.partial)) {
      await this.#discard();
      return;
    }
    try {
      await this.target.end();
      await file.setMode(entry.mode & 0o777);
      // As old as can be, so that it never looks up to date; in its own directory it need not look like anything.
      if (partials === null) await file.setTimes(null, { seconds: 0, nanoseconds: 0 });
      await file.close();
      if (partials !== null) await this.#moveToPartials();
      else await moveItem(this.#tree, this.#temporary.path, destination.tree, path);
      this.#forget();
    } catch {
      await this.#discard(); // the error that cut the transfer is the one to tell
    }
  }

  get #place() {
    return { tree: this.#tree, path: this.#temporary.path };
  }

  async #complete(times: "set" | "leave"): Promise<void> {
    const { workspace, entry, path } = this.#job;
    const { file } = this.#temporary;
    const answer = replacedFile(workspace, path);
    const replaced = answer instanceof Promise ? await answer : answer;
    await giveAttributes(workspace, { file, entry, path, replaced }, times);
    const closed = file.close();
    if (closed instanceof Promise) await closed;
  }

  async #moveToPartials(): Promise<void> {
    const { workspace, path } = this.#job;
    const partials = workspace.partials!; // whoever calls has asked
    await partials.prepare(path);
    const to = partials.placeOf(path);
    await moveItem(this.#tree, this.#temporary.path, to.tree, to.path);
  }

  #forget(): void {
    this.#job.workspace.phases.temporaries.delete(this.#temporary.path);
  }

  async #discard(): Promise<void> {
    await discard(this.#job.workspace, this.#temporary.file, this.#place);
    this.#forget();
  }
}
