/**
 * The ways of writing a received file: to a temporary file that then takes its place, or in place. Each is one
 * {@link FileOutput}; what becomes of the data is told by its last call.
 * @module
 */

import type { FileEntry } from "@tsrsync/protocol/file-list";
import { CF_INPLACE_PARTIAL_DIR } from "@tsrsync/protocol/handshake";
import { BasisType } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Awaitable } from "../tree/file-tree.js";
import type { DataTarget } from "./data-target.js";
import type { DelayedUpdates } from "./delayed-updates.js";
import { openInPlaceOutput } from "./in-place-output.js";
import { openTemporaryOutput } from "./temporary-output.js";
import type { Workspace } from "./workspace.js";

/** What became of data that failed its verification, as texts say it. */
export type Rejection = "discarded" | "retained" | "put into partial-dir";

export interface FileOutput {
  readonly target: DataTarget;
  /** The data is right: the file gets into its place, or waits for that. False when it could not, which was told. */
  accept(): Awaitable<boolean>;
  /** The data is wrong. */
  reject(): Awaitable<Rejection>;
  /** The transfer was cut. `hasData`: something new had come. */
  abandon(hasData: boolean): Awaitable<void>;
}

/** A file that is about to be received. */
export interface FileJob {
  workspace: Workspace;
  /** `null`: files do not wait. */
  delayed: DelayedUpdates | null;
  ndx: number;
  entry: FileEntry;
  /** In the destination. */
  path: ByteString;
  basisType: number;
  /** Where the data begins in the file: behind what it is appended to. */
  start: number;
  /** A basis is used, so that parts of it may be in their place already. */
  hasBasis: boolean;
}

/** Whether the reply to a request was made for a basis that is written over (spec 3-transfer, 5.2 rule 5). */
export function writesPartialInPlace({ workspace, basisType, hasBasis }: FileJob): boolean {
  const agreed = (workspace.session.compatFlags & CF_INPLACE_PARTIAL_DIR) !== 0;
  return agreed && hasBasis && basisType === BasisType.PartialDir;
}

/** Makes ready to write. `null` when that is not possible, which was told; then the data is to be thrown away. */
export function openOutput(job: FileJob): Promise<FileOutput | null> {
  const { inplace } = job.workspace.session.options;
  return inplace || writesPartialInPlace(job) ? openInPlaceOutput(job) : openTemporaryOutput(job);
}
