/**
 * `--delay-updates`: finished files wait in the partial directory and get into their places together, when no more will
 * come (spec 3-transfer, 8.4).
 * @module
 */
import type { FileJob } from "./file-output.js";
import { putInPlace, tellSuccess } from "./finish-file.js";
import type { Workspace } from "./workspace.js";

export class DelayedUpdates {
  readonly #workspace: Workspace;
  readonly #waiting: Pick<FileJob, "ndx" | "path">[] = [];

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** A file is complete and lies in the partial directory. */
  add({ ndx, path }: Pick<FileJob, "ndx" | "path">): void {
    this.#waiting.push({ ndx, path });
    this.#workspace.phases.postponed(ndx);
  }

  /** Moves all files that wait to their places. */
  async carryOut(): Promise<void> {
    const { partials } = this.#workspace;
    for (const { ndx, path } of this.#waiting.splice(0)) {
      if (partials === null || !(await putInPlace(this.#workspace, partials.placeOf(path), path))) {
        continue;
      }
      tellSuccess(this.#workspace, ndx);
      await partials.tidy(path);
    }
  }
}
