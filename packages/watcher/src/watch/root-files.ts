/**
 * The files of a root that are written to, or have several names.
 * @module
 */
import { loadWriterTest } from "../inotify/writer-test.js";
import { LinkedFiles } from "./linked-files.js";
import { OpenFiles } from "./open-files.js";
import { openPolicies } from "./open-policy.js";
import type { RootParts } from "./root-parts.js";

export function createOpenFiles(parts: RootParts): OpenFiles {
  return new OpenFiles({
    disk: parts.disk,
    tree: parts.watched.tree,
    marks: parts.marks,
    hasWriter: loadWriterTest(),
    policy: openPolicies(parts.options.whileOpen),
    linked: (node, name, entry) => parts.linked?.note(node, name, entry),
    hasLinks: () => parts.linked?.hadSome === true,
    missed: () => parts.linked?.missed(),
  });
}

/** The other names of a file are marked with each of its names. */
export function createLinkedFiles({
  disk,
  watched,
  options,
  marks,
  openFiles,
}: RootParts): LinkedFiles {
  const linked = new LinkedFiles({
    disk,
    tree: watched.tree,
    isHidden: options.isHidden,
    mark: (path) => marks.mark(path),
    suspect: (node, name, path) => void openFiles.suspect(node, name, path),
    flush: () => marks.flush(),
  });
  marks.expandBy((told) => linked.othersOf(told));
  return linked;
}
