/**
 * Names that rsync makes while it receives. They appear in a watched root that is itself the target of another mirror, and
 * must not travel on.
 * @module
 */
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { HidingRules } from "./hiding-rule.js";

/** Where updates that are delayed wait. */
const DELAYED = ".~tmp~";

/** `.name.XXXXXX`: six letters and digits. */
const TEMPORARY = /^\..+\.([A-Za-z0-9]{6})$/s;
/** Nine of ten random endings have these; `.bashrc.backup`, `.env.SAMPLE` and `.notes.Readme` do not. */
const LOOKS_RANDOM = /^(?=.*[a-z]).+[A-Z]/;

const GROUP_AND_OTHERS = 0o077;

/**
 * The names of partial directories (paths that lead elsewhere play no part), of delayed updates and of files that are
 * being received. The last are hidden only when they are known to have the mode of such a file: hiding a file that is
 * none would be a loss, sending one is nothing but a little work.
 */
export function ownNameRules(partialDirs: readonly string[]): HidingRules {
  const directories = new Set([DELAYED]);
  for (const name of partialDirs) {
    if (!name.includes("/") && name !== "") directories.add(byteStringFromText(name));
  }
  return {
    kind: "own",
    find: ({ name, isDirectory, mode }) => {
      if (isDirectory) return directories.has(name) ? name : null;
      if (mode === null || (mode & GROUP_AND_OTHERS) !== 0) return null;
      return LOOKS_RANDOM.test(TEMPORARY.exec(name)?.[1] ?? "") ? ".*.??????" : null;
    },
  };
}
