/**
 * Finding files with several names.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isDirectory, isRegular } from "../batch/looks.js";
import type { SourceTree } from "../batch/source-tree.js";

/** Directories between two turns of the loop. */
const SLICE = 200;

/** The files below a directory that have other names, there or elsewhere. */
export async function linkedBelow(tree: SourceTree, top: ByteString): Promise<ByteString[]> {
  const linked: ByteString[] = [];
  const waiting = [top];
  for (let count = 1; waiting.length > 0; count++) {
    const directory = waiting.pop()!;
    for (const name of tree.list(directory) ?? []) {
      const path = directory === "" ? name : `${directory}/${name}`;
      const look = tree.lstat(path);
      if (look === null || look === "unreadable") continue;
      if (isDirectory(look)) waiting.push(path);
      else if (look.links > 1 && isRegular(look)) linked.push(path);
    }
    if (count % SLICE === 0) await nextTurn();
  }
  return linked;
}
