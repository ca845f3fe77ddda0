/**
 * How a target that takes no hard links is spared the data of moved files (spec 6, 3.5): from another directory that has
 * them under the same names, or from a name beside the new one.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { MovedFile } from "@tsrsync/transfer";
import { parentOf } from "../state/tree-paths.js";

/** Options that find the data of a moved file at the target. */
export type RenameOption = "link-dest" | "copy-dest" | "fuzzy";

/** How a moved file goes. */
export interface RenameWay {
  /** The directory that its session works in. */
  readonly directory: ByteString;
  /** What the directory has the files of: both have them under the same names. `null`: under other names, beside the new ones. */
  readonly old: ByteString | null;
}

/** Ends a word that goes to a daemon of old. */
const LINE_END = /[\r\n]/;
/** Daemons expand them in the name of a directory to write to, and no quoting means the same to all. */
const WILDCARD = /[*?[\\]/;

/** @returns `null` for a file that has to be sent */
export function renameWay(
  { from, to }: MovedFile,
  options: readonly RenameOption[],
): RenameWay | null {
  const { old, directory } = movedDirectory(from, to);
  if (to === directory) {
    const isBeside = options.includes("fuzzy") && parentOf(from) === parentOf(to);
    return isBeside ? { directory: "", old: null } : null;
  }
  if (options.every((option) => option === "fuzzy")) return null;
  if (LINE_END.test(old + directory) || WILDCARD.test(directory)) return null;
  return { directory, old };
}

/** What remains of two paths without the names that both end with. */
function movedDirectory(
  from: ByteString,
  to: ByteString,
): { old: ByteString; directory: ByteString } {
  let old = from;
  let directory = to;
  while (old !== "" && directory !== "" && lastName(old) === lastName(directory)) {
    old = parentOf(old);
    directory = parentOf(directory);
  }
  return { old, directory };
}

function lastName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
