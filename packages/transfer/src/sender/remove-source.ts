/**
 * `--remove-source-files`: the sender removes what the other side says has arrived (spec 3-transfer, 3.11).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { isDirectory, isRegular } from "@tsrsync/protocol/file-list";
import type { Session } from "../session/session.js";
import { reason } from "../tree/system-error.js";
import { type Source, treePath } from "./source.js";

/** From this version on the list has nanoseconds. */
const NANOSECOND_PROTOCOL = 31;

/** Removes the file, unless it has changed since it was listed: the change did not arrive. */
export async function removeSource(
  session: Session,
  source: Source,
  entry: FileEntry,
): Promise<void> {
  const { name } = entry;
  const { tree } = source;
  const path = treePath(source, name);
  if (isDirectory(entry)) return;
  try {
    const stat = await tree.stat(path);
    if (stat === null) return;
    const sameTime =
      stat.mtime === entry.mtime &&
      (session.protocol < NANOSECOND_PROTOCOL || stat.mtimeNs === entry.mtimeNs);
    if ((isRegular(entry) && stat.size !== entry.size) || !sameTime) {
      const text = `ERROR: Skipping sender remove for changed file: ${source.describe(name)}`;
      session.notice("transfer-error", text);
      return;
    }
    await tree.removeFile(path);
    session.observer.removedSource?.(name);
  } catch (error) {
    session.notice(
      "transfer-error",
      `rsync: [sender] sender failed to remove ${source.describe(name)}: ${reason(error)}`,
    );
  }
}
