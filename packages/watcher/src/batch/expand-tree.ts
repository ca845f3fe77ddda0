/**
 * Trees as lists of items: so filters and limits hold for each path in them.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { PathFilter } from "../filter/path-filter.js";
import { type SnapshotEntry, trustedCtime } from "../journal/snapshot.js";
import { Reach } from "../state/mark.js";
import type { Draft } from "./draft.js";
import { isDirectory, type Looks } from "./looks.js";
import type { Pause } from "./pause.js";
import type { SourceTree } from "./source-tree.js";

/** How trees are walked. */
export interface Expansion {
  readonly tree: SourceTree;
  readonly looks: Looks;
  readonly filter: PathFilter;
  readonly draft: Draft;
  readonly pause: Pause;
  /** Nothing that lies on another one is entered; `null` for no such limit. */
  readonly device: bigint | null;
  /** Directories that have been walked. */
  readonly walked: Set<ByteString>;
  readonly saw: (entry: SnapshotEntry) => void;
  readonly isFull: () => boolean;
}

/** Adds all that is below the directory `top`. Directories that do not fit become marks for a later push. */
export async function expandTree(top: ByteString, force: boolean, how: Expansion): Promise<void> {
  const waiting = [top];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (how.walked.has(path)) continue;
    if (path !== top && how.isFull()) {
      how.draft.rest.push({ path, reach: Reach.Tree, force });
      continue;
    }
    how.walked.add(path);
    await expandDirectory(path, force, waiting, how);
  }
}

async function expandDirectory(
  directory: ByteString,
  force: boolean,
  waiting: ByteString[],
  { tree, looks, filter, draft, pause, device, saw }: Expansion,
): Promise<void> {
  const names = tree.list(directory);
  if (names === null) {
    draft.rest.push({ path: directory, reach: Reach.Tree, force });
    draft.addUnreadable(directory);
    return;
  }
  for (const name of names) {
    await pause.afterLook();
    const path = directory === "" ? name : `${directory}/${name}`;
    const look = looks.at(path);
    if (look === null) continue;
    if (look === "unreadable") {
      draft.addUnreadable(path);
      continue;
    }
    const isDir = isDirectory(look);
    if (filter.isHidden(path, isDir, look.mode)) continue;
    draft.addItem(path, look, force && !isDir);
    saw({ path, mode: look.mode, inode: look.inode, ctimeNs: trustedCtime(look.ctimeNs) });
    if (isDir && (device === null || look.device === device)) waiting.push(path);
  }
}
