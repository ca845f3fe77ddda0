/**
 * What a walk through a directory that appeared does with what it meets.
 * @module
 */
import { Reach } from "../state/mark.js";
import type { MarkSink } from "./mark-sink.js";
import type { OpenFiles } from "./open-files.js";
import type { WalkVisitor } from "./walk.js";

/** Marks what was made before the watch was there; `mark` false: a mark that covers it all was made already. */
export function newDirectoryVisitor(
  marks: MarkSink,
  openFiles: OpenFiles,
  mark: boolean,
): WalkVisitor {
  return {
    entry(path, entry, node, name, adoption) {
      // One that is watched already came from elsewhere, with all that is in it.
      if (adoption?.kind === "moved") marks.mark(path, Reach.Tree);
      else if (mark && adoption !== null) marks.mark(path, marks.reachOfNew(path));
      else if (mark && openFiles.found(node, name, path, entry)) marks.mark(path);
    },
    unknown() {
      // Nothing is concluded from what is not met.
    },
  };
}
