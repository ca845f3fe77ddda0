/**
 * Where the entries of a list may lie. Spec: docs/protocol/2-file-list.md, 2.8.2.
 * @module
 */
import { ExitCode, ProtocolError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { EntryFlag, type FileEntry, isDirectory } from "./file-entry.js";
import type { ListOptions } from "./list-options.js";

/**
 * Checks a complete list (no incremental recursion): each entry's directory must be in it, as a directory. Senders below
 * protocol 30 may leave parents out with `--relative --no-implied-dirs`.
 * @throws ProtocolError (exit 2).
 */
export function assertParentsListed(entries: readonly FileEntry[], options: ListOptions): void {
  if (options.protocol < 30 && options.relative && !options.impliedDirs) return;
  const directories = new Set<ByteString>();
  for (const entry of entries) if (isDirectory(entry)) directories.add(entry.name);
  let parent = "";
  for (const { name } of entries) {
    const slash = name.lastIndexOf("/");
    if (slash < 0 || (slash === parent.length && name.startsWith(parent))) continue;
    parent = name.slice(0, slash);
    if (!directories.has(parent)) {
      throw new ProtocolError(`entry ${JSON.stringify(name)}: its directory is not in the list`);
    }
  }
}

/**
 * Checks a list of incremental recursion: its entries must lie directly in `directory` (`null`: the first list, whose
 * names are single components).
 * @throws ProtocolError (exit 4).
 */
export function assertDirectChildren(
  entries: readonly FileEntry[],
  directory: ByteString | null,
): void {
  const length = directory === null ? -1 : directory.length;
  for (const { name, flags } of entries) {
    // A name that could not be converted does not compare with the directory's, which was.
    if (flags & EntryFlag.Dropped) continue;
    const fits = name.lastIndexOf("/") === length;
    if (fits && (directory === null || name.startsWith(directory))) continue;
    const where = directory === null ? "the transfer root" : JSON.stringify(directory);
    const message = `entry ${JSON.stringify(name)}: expected a name directly in ${where}`;
    throw new ProtocolError(message, { exitCode: ExitCode.Unsupported });
  }
}
