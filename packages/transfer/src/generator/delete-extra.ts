/**
 * Deletion of what the source does not have, directory by directory (spec 2-file-list, 2.15.2).
 * @module
 */
import {
  EntryFlag,
  type FileEntry,
  type FileList,
  IoError,
  isDirectoryMode,
} from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { localPath } from "../receiver/destination.js";
import { reason } from "../tree/system-error.js";
import type { GeneratorContext } from "./context.js";
import type { Remover } from "./remove.js";

interface Extra {
  path: ByteString;
  mode: number;
}

export class ExtraDeletion {
  readonly #context: GeneratorContext;
  readonly #remover: Remover;
  /** Names of the list at hand, or of all lists. */
  #listed: ReadonlySet<ByteString> = new Set();
  #listedOf: FileList | null | undefined;
  readonly #delayed: Extra[] = [];
  #saidSkipping = false;

  constructor(context: GeneratorContext, remover: Remover) {
    this.#context = context;
    this.#remover = remover;
  }

  /** Makes the names of a list known; `null` is all lists. */
  #know(list: FileList | null): void {
    if (this.#listedOf === list) return;
    this.#listedOf = list;
    const names = new Set<ByteString>();
    for (const { entries } of list === null ? this.#context.lists.lists : [list]) {
      for (const { name, flags } of entries) {
        if ((flags & EntryFlag.Dropped) === 0) names.add(name);
      }
    }
    this.#listed = names;
  }

  /**
   * Deletes what is extra in one directory; with `delayed` it is only noted for `carryOut`. `list` has all that the directory
   * is to hold; `null`: look in all lists.
   */
  async inDirectory(directory: FileEntry, delayed: boolean, list: FileList | null): Promise<void> {
    this.#know(list);
    const { session, destination } = this.#context;
    if (session.ioError & IoError.General && !session.options.ignoreErrors) {
      if (!this.#saidSkipping)
        session.notice("info", "IO error encountered -- skipping file deletion");
      this.#saidSkipping = true;
      return;
    }
    const path = localPath(destination, directory);
    if (!(await this.#isDirectory(path))) return;
    for (const extra of await this.#extras(path, directory.name)) {
      if (delayed) this.#delayed.push(extra);
      else await this.#remover.removeExtra(extra.path, extra.mode);
    }
  }

  /** Something else may stand where the source has a directory; it is dealt with when the entry's turn comes. */
  async #isDirectory(path: ByteString): Promise<boolean> {
    const stat = await this.#context.destination.tree.stat(path);
    return stat !== null && isDirectoryMode(stat.mode);
  }

  /** Deletes what was noted. */
  async carryOut(): Promise<void> {
    for (const extra of this.#delayed.splice(0)) {
      await this.#remover.removeExtra(extra.path, extra.mode);
    }
  }

  /** The unlisted items of a directory, in the order in which they go: directories first, then the rest, last to first. */
  async #extras(path: ByteString, listName: ByteString): Promise<Extra[]> {
    const { destination, session, phases } = this.#context;
    const { tree } = destination;
    const filter = this.#context.filter === null ? null : await this.#context.filter.at(path);
    const prefix = listName === "." ? "" : `${listName}/`;
    const extras: Extra[] = [];
    try {
      for (const name of await tree.list(path)) {
        if (this.#listed.has(prefix + name)) continue;
        const child = path === "." ? name : `${path}/${name}`;
        if (phases.temporaries.has(child)) continue;
        const stat = await tree.stat(child);
        if (stat === null || filter?.excludes(child, isDirectoryMode(stat.mode))) continue;
        extras.push({ path: child, mode: stat.mode });
      }
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return [];
      session.notice(
        "transfer-error",
        `rsync: [generator] opendir ${destination.describe(path)} failed: ${reason(error)}`,
      );
    }
    return extras.sort(lastFirst);
  }
}

/** Order of deletion: the reverse of list order, in which directories come last. */
function lastFirst(a: Extra, b: Extra): number {
  const aKey = sortKey(a);
  const bKey = sortKey(b);
  return aKey < bKey ? 1 : aKey > bKey ? -1 : 0;
}

function sortKey({ path, mode }: Extra): string {
  return (mode & 0o170000) === 0o040000 ? `\x01${path}/` : `\x00${path}`;
}
