/**
 * Files that others read while they are written: there is always a whole one under the name.
 * @module
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";

// A name that nobody can guess and that must not exist yet: a link laid there in advance is an error, not a way out.
const FLAGS =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);

/**
 * Replaces the file `path`. What stood there, a symbolic link too, is replaced itself and never written to.
 * @throws the system's error; the old file is untouched then
 */
export async function replaceFile(path: string, contents: Uint8Array, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  const file = await open(temporary, FLAGS, mode);
  try {
    await file.writeFile(contents);
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {}); // closed already, most likely; the first error is the one to tell
    await rm(temporary, { force: true });
    throw error;
  }
}
