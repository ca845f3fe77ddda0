/**
 * Whether a file that people may run as a script can lie at a place: nobody else may be able to put another one there.
 * @module
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const WORLD_WRITABLE = 0o002;
const STICKY = 0o1000;

/** Why a file should not be at `path`, or `null` when nothing speaks against it. */
export async function unsafePlace(path: string): Promise<string | null> {
  try {
    let directory = await realpath(dirname(resolve(path)));
    for (;;) {
      const { mode } = await stat(directory);
      if ((mode & WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0) {
        return `anybody can replace files in ${directory}`;
      }
      const parent = dirname(directory);
      if (parent === directory) return null;
      directory = parent;
    }
  } catch (error) {
    return `its directory can not be used: ${String(error)}`;
  }
}
