/**
 * Wildcards in the paths that a client asks a daemon for (spec 1-session, 3.7): component by component, against the module.
 * @module
 */
import { compileWildcard, wildmatch } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTree } from "../tree/file-tree.js";

/** A pattern may not grow into more paths than this. */
const MAX_MATCHES = 1_000_000;

/** The paths that match, sorted; the path itself when it has no wildcards or nothing matches. A trailing slash stays. */
export async function expandWildcards(tree: FileTree, path: ByteString): Promise<ByteString[]> {
  if (!/[*?[]/.test(path)) return [path];
  const trailing = path.endsWith("/") ? "/" : "";
  let found: ByteString[] = [""];
  for (const part of path.split("/").filter(Boolean)) {
    const next: ByteString[] = [];
    for (const directory of found) {
      for (const name of await candidates(tree, directory, part)) {
        if (next.length >= MAX_MATCHES) throw new RangeError(`${path}: too many matches`);
        next.push(directory === "" ? name : `${directory}/${name}`);
      }
    }
    found = next;
  }
  return found.length === 0 ? [path] : found.map((match) => match + trailing);
}

async function candidates(
  tree: FileTree,
  directory: ByteString,
  part: ByteString,
): Promise<ByteString[]> {
  try {
    if (!/[*?[]/.test(part)) {
      const inside = directory === "" ? part : `${directory}/${part}`;
      return (await tree.stat(inside)) === null ? [] : [part];
    }
    const names = await tree.list(directory === "" ? "." : directory);
    const pattern = compileWildcard(part);
    return names.filter((name) => wildmatch(pattern, name)).sort();
  } catch {
    return []; // not a directory, or not ours to read: nothing matches there
  }
}
