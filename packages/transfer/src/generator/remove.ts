/**
 * Removing items of the destination: extra ones, and ones that stand in the way (spec 2-file-list, 2.15).
 * @module
 */
import { IoError } from "@tsrsync/protocol/file-list";
import { type ByteString, encodeByteString, MessageCode } from "@tsrsync/protocol/wire";
import type { DestinationFilter } from "../filter/destination-filter.js";
import type { Backups } from "../receiver/backups.js";
import type { Destination } from "../receiver/destination.js";
import type { Workspace } from "../receiver/workspace.js";
import type { Session } from "../session/session.js";
import { reason } from "../tree/system-error.js";

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;

export class Remover {
  /** Deletions that the limit did not allow. */
  skipped = 0;

  readonly #session: Session;
  readonly #destination: Destination;
  readonly #filter: DestinationFilter | null;
  readonly #backups: Backups | null;
  #count = 0;

  constructor(workspace: Workspace, filter: DestinationFilter | null) {
    this.#session = workspace.session;
    this.#destination = workspace.destination;
    this.#backups = workspace.backups;
    this.#filter = filter;
  }

  /**
   * Removes an extra item, a directory with all that is in it, and reports each removal.
   * @returns false when something of it had to stay.
   */
  async removeExtra(path: ByteString, mode: number): Promise<boolean> {
    const isDirectory = (mode & S_IFMT) === S_IFDIR;
    if (isDirectory && !(await this.#removeContents(path))) return false;
    if (this.#limitReached()) {
      this.skipped++;
      this.#session.addIoError(IoError.DeleteLimit);
      return false;
    }
    if (!(await this.#removeOne(path, isDirectory))) return false;
    this.#count++;
    this.#report(path, mode, isDirectory);
    return true;
  }

  /**
   * Removes an item that the sender misses. Contents of a directory go only with `--force` or deletion.
   * @returns false when something of it had to stay.
   */
  async removeMissing(path: ByteString, mode: number): Promise<boolean> {
    const { force, delete: timing } = this.#session.options;
    const isDirectory = (mode & S_IFMT) === S_IFDIR;
    if (isDirectory && !force && timing === "none") {
      const names = await this.#destination.tree.list(path);
      if (names.length > 0) {
        this.#session.notice("info", `cannot delete non-empty directory: ${path}`);
        return false;
      }
    }
    return this.removeExtra(path, mode);
  }

  /** Clears the way for an item of another type. Contents of a directory go only with `--force` or deletion. */
  async clearWay(path: ByteString, mode: number): Promise<boolean> {
    const { options } = this.#session;
    const isDirectory = (mode & S_IFMT) === S_IFDIR;
    if (isDirectory && (options.force || options.delete !== "none")) {
      if (!(await this.#removeContents(path))) return false;
    }
    return this.#removeOne(path, isDirectory);
  }

  #limitReached(): boolean {
    const { maxDelete } = this.#session.options;
    return maxDelete >= 0 && this.#count >= maxDelete;
  }

  async #removeContents(path: ByteString): Promise<boolean> {
    const { tree } = this.#destination;
    let complete = true;
    let names: ByteString[];
    try {
      names = await tree.list(path);
    } catch (error) {
      this.#problem(`opendir ${this.#destination.describe(path)} failed`, error);
      return false;
    }
    const filter = this.#filter === null ? null : await this.#filter.at(path);
    // A dry run sees directories that it would have removed already; so does this loop when somebody else removes them.
    for (const name of names.sort().reverse()) {
      const child = `${path}/${name}`;
      const stat = await tree.stat(child);
      if (stat === null) continue;
      const stays = filter?.excludes(child, (stat.mode & S_IFMT) === S_IFDIR, true) === true;
      if (stays || !(await this.removeExtra(child, stat.mode))) complete = false;
    }
    if (!complete) this.#session.notice("info", `cannot delete non-empty directory: ${path}`);
    return complete;
  }

  async #removeOne(path: ByteString, isDirectory: boolean): Promise<boolean> {
    if (this.#session.options.dryRun) return true;
    if (!isDirectory && this.#backups !== null && !this.#backups.isBackup(path)) {
      return this.#backups.keep(path, "move");
    }
    const { tree } = this.#destination;
    try {
      await (isDirectory ? tree.removeDirectory(path) : tree.removeFile(path));
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      if (code === "ENOENT") return true;
      if (code === "ENOTEMPTY") {
        this.#session.notice("info", `cannot delete non-empty directory: ${path}`);
      } else {
        const operation = isDirectory ? "rmdir" : "unlink";
        this.#problem(`delete_file: ${operation}(${path}) failed`, error);
      }
      return false;
    }
  }

  #problem(text: ByteString, error: unknown): void {
    this.#session.notice("transfer-error", `rsync: [generator] ${text}: ${reason(error)}`);
  }

  #report(path: ByteString, mode: number, isDirectory: boolean): void {
    const session = this.#session;
    countDeletion(session, mode);
    session.observer.deleted?.({ path, isDirectory, permissions: mode & 0o7777 });
    if (!session.isServer) return;
    if (session.protocol >= 29) {
      const payload = encodeByteString(session.toWire(isDirectory ? `${path}\0` : path));
      session.output.messageAhead(MessageCode.Deleted, payload);
    } else if (session.options.tellsDeletions) {
      session.notice("info", `deleting ${path}${isDirectory ? "/" : ""}`);
    }
  }
}

function countDeletion(session: Session, mode: number): void {
  const { deleted } = session.statistics;
  switch (mode & S_IFMT) {
    case 0o100000:
      deleted.files++;
      break;
    case S_IFDIR:
      deleted.directories++;
      break;
    case 0o120000:
      deleted.symlinks++;
      break;
    case 0o020000:
    case 0o060000:
      deleted.devices++;
      break;
    default:
      deleted.specials++;
  }
}
