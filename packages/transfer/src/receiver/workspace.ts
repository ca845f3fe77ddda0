/**
 * The places besides the destination itself that generator and receiver put files into.
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import type { FileTree } from "../tree/file-tree.js";
import { errorCode } from "../tree/system-error.js";
import { Backups } from "./backups.js";
import type { Destination } from "./destination.js";
import { PartialFiles } from "./partial-files.js";
import type { Phases } from "./phases.js";

export interface Workspace {
  session: Session;
  destination: Destination;
  phases: Phases;
  /** Where files are written at first; `null`: each beside its place. */
  temporaries: FileTree | null;
  partials: PartialFiles | null;
  backups: Backups | null;
}

/**
 * Opens the directories that options name. A dry run needs none of them.
 * @throws UsageError (exit 1) when one is missing, or is no directory.
 */
export async function openWorkspace(
  session: Session,
  destination: Destination,
  phases: Phases,
): Promise<Workspace> {
  const { dryRun, listOnly, tempDir, partialDir, backup } = session.options;
  const common = { session, destination, phases };
  if (dryRun || listOnly) return { ...common, temporaries: null, partials: null, backups: null };
  return {
    ...common,
    temporaries: tempDir === null ? null : await openTemporaries(destination, tempDir),
    partials: partialDir === null ? null : await PartialFiles.open(destination, partialDir),
    backups: backup ? await Backups.open(session, destination) : null,
  };
}

async function openTemporaries(destination: Destination, directory: ByteString): Promise<FileTree> {
  try {
    const { tree, missing } = await destination.enterAside(directory);
    if (missing === "") return tree;
  } catch (error) {
    if (errorCode(error) !== "ENOTDIR") throw error;
    throw new UsageError(`The temp-dir is not a directory: ${directory}`, { cause: error });
  }
  throw new UsageError(`The temp-dir does not exist: ${directory}`);
}
