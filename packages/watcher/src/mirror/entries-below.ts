/**
 * Looking at everything below a directory of the source, without holding up the loop.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory } from "../batch/looks.js";
import type { Look, SourceTree } from "../batch/source-tree.js";

/** Directories between two turns of the loop: a few milliseconds. */
const SLICE = 200;

/** Tells what lies below `top`. A directory for which `visit` returns false is not entered. */
export async function visitBelow(
  tree: SourceTree,
  top: ByteString,
  visit: (path: ByteString, look: Look) => boolean,
): Promise<void> {
  const waiting = [top];
  for (let count = 1; waiting.length > 0; count++) {
    const directory = waiting.pop()!;
    for (const name of tree.list(directory) ?? []) {
      const path = directory === "" ? name : `${directory}/${name}`;
      const look = tree.lstat(path);
      if (look === null || look === "unreadable") continue;
      if (visit(path, look) && isDirectory(look)) waiting.push(path);
    }
    if (count % SLICE === 0) await nextTurn();
  }
}
