/**
 * Telling the snapshot what a push of a whole directory is about to bring.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import { trustedCtime } from "../journal/snapshot.js";
import type { TargetContext } from "./target-context.js";

/** Directories between two turns of the loop. */
const SLICE = 200;

/**
 * Tells the names below a directory. One that goes while nobody watches would be left in the target otherwise: the walk at the next
 * start only misses what the snapshot knows.
 */
export async function rememberNames(
  { tree, filter, snapshot }: Pick<TargetContext, "tree" | "filter" | "snapshot">,
  top: ByteString,
): Promise<void> {
  const waiting = [top];
  for (let count = 1; waiting.length > 0; count++) {
    const directory = waiting.pop()!;
    for (const name of tree.list(directory) ?? []) {
      const path = directory === "" ? name : `${directory}/${name}`;
      const look = tree.lstat(path);
      if (look === null || look === "unreadable") continue;
      const isDir = isDirectory(look);
      if (filter.isHidden(path, isDir, look.mode)) continue;
      const { mode, inode } = look;
      snapshot.saw({ path, mode, inode, ctimeNs: trustedCtime(look.ctimeNs) });
      if (isDir) waiting.push(path);
    }
    if (count % SLICE === 0) await nextTurn();
  }
}
