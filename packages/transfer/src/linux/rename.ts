/**
 * renameat(2) and unlinkat(2): names that move and go.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { AT_REMOVEDIR } from "./constants.js";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";

/** Calls that return 0 or a negated errno. */
export interface RenameCalls {
  renameAt(fromDirectory: number, from: ByteString, toDirectory: number, to: ByteString): number;
  removeFileAt(directory: number, path: ByteString): number;
  removeDirectoryAt(directory: number, path: ByteString): number;
}

/** Binds the calls of this file. */
export function bindRename(library: Library): RenameCalls {
  const renameat = bindRequired(library, "int", "renameat", ["int", "void *", "int", "void *"]);
  const unlinkat = bindRequired(library, "int", "unlinkat", ["int", "void *", "int"]);
  const first = new PathArgument();
  const second = new PathArgument();

  return {
    renameAt: (fromDirectory, from, toDirectory, to) =>
      library.outcome(renameat(fromDirectory, first.store(from), toDirectory, second.store(to))),
    removeFileAt: (directory, path) => library.outcome(unlinkat(directory, first.store(path), 0)),
    removeDirectoryAt: (directory, path) =>
      library.outcome(unlinkat(directory, first.store(path), AT_REMOVEDIR)),
  };
}
