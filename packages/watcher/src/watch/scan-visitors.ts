/**
 * What a walk of the whole root concludes where there is no exact snapshot to compare with.
 * @module
 */
import type { Snapshot } from "../journal/snapshot.js";
import { Reach } from "../state/mark.js";
import { isDirectory } from "./disk.js";
import type { MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import { toSnapshotEntry } from "./snapshot-entry.js";
import type { WalkVisitor } from "./walk.js";

function nothing(): void {
  // What is not known is not concluded from.
}

/** Only tells the snapshot: a full sync will follow. */
export function recordingVisitor(snapshot: Snapshot, directoriesOnly: boolean): WalkVisitor {
  return {
    entry(path, entry) {
      if (!directoriesOnly || isDirectory(entry)) snapshot.saw(toSnapshotEntry(path, entry));
    },
    unknown: nothing,
  };
}

/**
 * Marks what has changed since `boundNs`. Which names are gone from a directory that has changed is not known, so the targets
 * have to be asked (spec 6, 4.4).
 */
export function boundVisitor(
  context: { marks: MarkSink; openFiles: OpenFiles },
  boundNs: bigint,
): WalkVisitor {
  const { marks, openFiles } = context;
  return {
    entry(path, entry, node, name, adoption) {
      if (adoption?.kind === "new" || adoption?.kind === "moved")
        marks.markName(path, Reach.Reconcile);
      else if (entry.ctimeNs < boundNs) return;
      else if (isDirectory(entry)) marks.mark(path, Reach.Reconcile);
      else if (openFiles.found(node, name, path, entry)) marks.mark(path);
    },
    unknown: nothing,
  };
}
