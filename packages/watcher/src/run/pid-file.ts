/**
 * The file with the process id.
 * @module
 */
import { chmod, rm, truncate, writeFile } from "node:fs/promises";

export async function writePidFile(path: string): Promise<void> {
  await writeFile(path, `${process.pid}\n`);
  await chmod(path, 0o644); // others look there for whom to signal
}

/** Removes it, or empties it where only root may remove files. */
export async function removePidFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes((error as NodeJS.ErrnoException).code ?? ""))
      throw error;
    await truncate(path);
  }
}
