/**
 * `--backup`: what would be replaced or deleted is kept under another name, or in another directory (spec 3-transfer, 8.7).
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import { isUnsafeTarget } from "../session/link-targets.js";
import type { Session } from "../session/session.js";
import { type CopyExtended, copyItem, linkItem, moveItem } from "../tree/copy-item.js";
import type { FileTree } from "../tree/file-tree.js";
import { isDirectoryMode, isLinkMode } from "../tree/item-type.js";
import { removeAll } from "../tree/remove-all.js";
import { errorCode, reason } from "../tree/system-error.js";
import { directoryOf, joinPath } from "../tree/tree-path.js";
import type { Destination } from "./destination.js";
import type { FilePlace } from "./partial-files.js";

/** How an item gets to its backup: `link` leaves it in its place until something is moved over it, `move` does not. */
export type BackupWay = "link" | "move";

export class Backups {
  readonly #session: Session;
  readonly #destination: Destination;
  /** Where backups lie: below `#directory` of this tree. */
  readonly #tree: FileTree;
  readonly #directory: ByteString;
  readonly #isAside: boolean;
  /** Directories below the backup directory that are known to be there. */
  readonly #made = new Set<ByteString>();

  private constructor(
    session: Session,
    destination: Destination,
    tree: FileTree,
    directory: ByteString,
  ) {
    this.#session = session;
    this.#destination = destination;
    this.#tree = tree;
    this.#directory = directory;
    this.#isAside = session.options.backupDir !== null;
  }

  /** @throws UsageError when the backup directory is none. */
  static async open(session: Session, destination: Destination): Promise<Backups> {
    const { backupDir } = session.options;
    if (backupDir === null) return new Backups(session, destination, destination.tree, "");
    try {
      const { tree, missing } = await destination.enterAside(backupDir);
      session.observer.backupDirectory?.({ path: backupDir, isNew: missing !== "" });
      return new Backups(session, destination, tree, missing);
    } catch (error) {
      if (errorCode(error) !== "ENOTDIR") throw error;
      throw new UsageError(`The backup-dir is not a directory: ${backupDir}`, { cause: error });
    }
  }

  /** Whether the item is itself a backup, of which none is made. */
  isBackup(path: ByteString): boolean {
    return !this.#isAside && path.endsWith(this.#session.options.suffix);
  }

  placeOf(path: ByteString): FilePlace {
    const name = joinPath(this.#directory, path + this.#session.options.suffix);
    return { tree: this.#tree, path: name };
  }

  /** Keeps the item at `path`. False when that failed, which the user was told. */
  async keep(path: ByteString, way: BackupWay): Promise<boolean> {
    return this.#guarded(path, async () => {
      if (await this.#isUnsafeLink(path)) {
        if (way === "move") await this.#destination.tree.removeFile(path);
      } else if (way !== "link" || !(await this.#link(path))) await this.#move(path);
    });
  }

  /** With `--safe-links` no link that leads out of the transfer stays, not even as a backup. */
  async #isUnsafeLink(path: ByteString): Promise<boolean> {
    const { options, observer } = this.#session;
    const { tree } = this.#destination;
    if (!options.safeLinks) return false;
    const stat = await tree.stat(path);
    if (stat === null || !isLinkMode(stat.mode)) return false;
    const target = await tree.readLink(path);
    if (!isUnsafeTarget(target, path)) return false;
    observer.skipped?.({ path, why: "unsafe backup", target });
    return true;
  }

  /** Copies a file that is about to be written to, so that what was in it stays readable. */
  async keepCopy(path: ByteString): Promise<boolean> {
    return this.#guarded(path, () => this.#copy(path));
  }

  async #guarded(path: ByteString, make: () => Promise<void>): Promise<boolean> {
    const { options, observer } = this.#session;
    const name = path + options.suffix;
    const backup = options.backupDir === null ? name : `${options.backupDir}/${name}`;
    try {
      await this.#clear(this.placeOf(path).path);
      await this.#prepare(directoryOf(path));
      await make();
      observer.backedUp?.({ path, backup });
      return true;
    } catch (error) {
      const from = this.#destination.describe(path);
      this.#session.notice(
        "transfer-error",
        `rsync: [receiver] backup of ${from} to "${backup}" failed: ${reason(error)}`,
      );
      return false;
    }
  }

  /** False where the file system has no links for this item. */
  async #link(path: ByteString): Promise<boolean> {
    try {
      await linkItem(this.#destination.tree, path, this.#tree, this.placeOf(path).path);
      return true;
    } catch (error) {
      if (errorCode(error) === "ENOENT") throw error;
      return false;
    }
  }

  async #move(path: ByteString): Promise<void> {
    const { tree } = this.#destination;
    await moveItem(tree, path, this.#tree, this.placeOf(path).path, this.#copyExtended(path));
  }

  #copy(path: ByteString): Promise<void> {
    const { tree } = this.#destination;
    return copyItem(tree, path, this.#tree, this.placeOf(path).path, this.#copyExtended(path));
  }

  #copyExtended(path: ByteString): CopyExtended | null {
    const { extended } = this.#destination;
    return extended == null
      ? null
      : (from, to) => extended.copyAttributes("receiver", from, to, path);
  }

  /** An older backup makes room, whatever it is. */
  async #clear(backup: ByteString): Promise<void> {
    const stat = await this.#tree.stat(backup);
    if (stat === null) return;
    if (isDirectoryMode(stat.mode)) await removeAll(this.#tree, backup);
    else await this.#tree.removeFile(backup);
  }

  /** Makes the directory that the backups of what lies in `directory` go to. */
  async #prepare(directory: ByteString): Promise<void> {
    if (!this.#isAside || this.#made.has(directory)) return;
    let made = "";
    for (const name of this.#directory.split("/").filter(Boolean)) {
      made = joinPath(made, name);
      await this.#makeDirectory(made, null);
    }
    let original = "";
    for (const name of directory.split("/").filter(Boolean)) {
      made = joinPath(made, name);
      original = joinPath(original, name);
      await this.#makeDirectory(made, original);
    }
    this.#made.add(directory);
  }

  /** A directory like the one that it stands for. */
  async #makeDirectory(path: ByteString, original: ByteString | null): Promise<void> {
    const present = await this.#tree.stat(path);
    if (present !== null && isDirectoryMode(present.mode)) return;
    if (present !== null) await this.#tree.removeFile(path);
    const like = original === null ? null : await this.#destination.tree.stat(original);
    await this.#tree.makeDirectory(path, 0o777);
    if (like === null || !isDirectoryMode(like.mode)) return;
    const { superUser } = this.#destination.privileges;
    if (superUser) await this.#tree.setOwner(path, like.uid, like.gid);
    // Who is not super-user must be able to put something into it.
    await this.#tree.setMode(path, (like.mode & 0o7777) | (superUser ? 0 : 0o700));
  }
}
