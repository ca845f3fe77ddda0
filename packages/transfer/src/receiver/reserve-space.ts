/**
 * `--preallocate`: space for a file is reserved before its data comes (spec 3-transfer, 8.5).
 * @module
 */
import type { Awaitable, TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import type { FileJob } from "./file-output.js";

/** Reserves what the file at hand needs, if that is wanted; returns how many bytes the file takes then. */
export function reserveSpace(job: FileJob, file: TreeFile, size: number): Awaitable<number> {
  const { preallocate } = job.workspace.session.options;
  return preallocate && job.entry.size > size ? reserve(job, file, size) : size;
}

async function reserve(
  { workspace, entry, path }: FileJob,
  file: TreeFile,
  size: number,
): Promise<number> {
  const { session, destination } = workspace;
  try {
    await file.allocate(entry.size);
    return entry.size;
  } catch (error) {
    const name = destination.describe(path);
    session.notice("warning", `rsync: [receiver] do_fallocate ${name}: ${reason(error)}`);
    return size;
  }
}
