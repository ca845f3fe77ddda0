/**
 * Finding files with several names.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { isRegular } from "../batch/looks.js";
import type { SourceTree } from "../batch/source-tree.js";
import { visitBelow } from "./entries-below.js";

/** The files below a directory that have other names, there or elsewhere. */
export async function linkedBelow(tree: SourceTree, top: ByteString): Promise<ByteString[]> {
  const linked: ByteString[] = [];
  await visitBelow(tree, top, (path, look) => {
    if (look.links > 1 && isRegular(look)) linked.push(path);
    return true;
  });
  return linked;
}
