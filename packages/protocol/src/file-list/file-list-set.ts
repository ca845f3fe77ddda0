/**
 * The lists that are present in a session, and the directory table. Spec: docs/protocol/2-file-list.md, 2.7.4, 2.8.3
 * and 2.10.2.
 * @module
 */
import { ProtocolError } from "../errors.js";
import { markDuplicates } from "./duplicates.js";
import { EntryFlag, type FileEntry } from "./file-entry.js";
import { buildList, type FileList } from "./file-list.js";
import type { ListOptions } from "./list-options.js";
import { assertDirectChildren, assertParentsListed } from "./structure.js";

const MAX_INDEX = 0x7fffffff;

/** How a `FileListSet` is used. */
export interface FileListSetUse {
  /** The lists come from a peer: duplicates are dropped, and what breaks 2.8.2 is refused. */
  readonly receiving: boolean;
  /** Number entries by sending order: with `--iconv` on either side (2.7.4). */
  readonly bySendingOrder?: boolean;
}

/** Finds entries by transfer index in the lists that are present; lists come at the end and go from the front. */
export class FileListSet {
  readonly #options: ListOptions;
  readonly #receiving: boolean;
  readonly #bySendingOrder: boolean;
  readonly #lists: FileList[] = [];
  readonly #directories: FileEntry[] = [];
  #nextIndex: number;
  #entryCount = 0;
  #freed = 0;

  constructor(options: ListOptions, use: FileListSetUse) {
    this.#options = options;
    this.#receiving = use.receiving;
    this.#bySendingOrder = use.bySendingOrder ?? false;
    this.#nextIndex = options.inc ? 1 : 0;
  }

  /** The lists that are present, oldest first. */
  get lists(): readonly FileList[] {
    return this.#lists;
  }

  /** All directories of all lists so far, by directory index; they stay when lists are freed. */
  get directories(): readonly FileEntry[] {
    return this.#directories;
  }

  /** Entries in the lists that are present. */
  get entryCount(): number {
    return this.#entryCount;
  }

  /** How many lists were freed. */
  get freedCount(): number {
    return this.#freed;
  }

  /**
   * The directory that a sub-list is announced for.
   * @throws ProtocolError when there is none of that index, when it has a list already or was dropped.
   */
  directoryAt(dirIndex: number): FileEntry {
    const directory = this.#directories[dirIndex];
    if (directory === undefined) {
      const last = this.#directories.length - 1;
      throw new ProtocolError(`directory index: expected 0..${last}, got ${dirIndex}`);
    }
    const isDuplicate =
      (directory.flags & (EntryFlag.Dropped | EntryFlag.Unnamed)) === EntryFlag.Dropped;
    if (isDuplicate || directory.flags & EntryFlag.Listed) {
      throw new ProtocolError(
        directory.flags & EntryFlag.Listed
          ? `directory index ${dirIndex}: the directory has its list already`
          : `refusing flist for cleared dir_ndx ${dirIndex}: the directory is a duplicate`,
      );
    }
    return directory;
  }

  /**
   * Adds a complete list: `sent` are its entries in sending order, owned by the set from now on; `parentDirIndex` is
   * `null` for the first list.
   * @throws ProtocolError when receiving, for what 2.8.2 and 2.8.3 refuse.
   */
  add(sent: readonly FileEntry[], parentDirIndex: number | null = null): FileList {
    const { protocol, inc } = this.#options;
    if (this.#nextIndex + sent.length >= MAX_INDEX) {
      throw new ProtocolError(`file lists: expected fewer than ${MAX_INDEX} entries`);
    }
    const parent = parentDirIndex === null ? null : this.directoryAt(parentDirIndex);
    const list = buildList(
      sent,
      this.#nextIndex,
      parentDirIndex,
      this.#directories,
      protocol,
      this.#bySendingOrder,
    );
    if (this.#receiving) {
      if (this.#options.relative) stripLeadingSlashes(sent);
      markDuplicates(list.entries, protocol);
      if (inc) assertDirectChildren(list.entries, parent === null ? null : parent.name);
      else assertParentsListed(list.entries, this.#options);
    }
    if (parent !== null) parent.flags |= EntryFlag.Listed;
    this.#lists.push(list);
    this.#nextIndex += sent.length + 1;
    this.#entryCount += sent.length;
    return list;
  }

  /**
   * The entry of a transfer index. The index before a list's first one is the directory that the list is for.
   * @throws ProtocolError naming the index when it is not in the lists that are present, or is that of a dropped entry.
   */
  entryAt(index: number): FileEntry {
    const list = this.listAt(index);
    const entry =
      index < list.firstIndex ? this.#directoryOf(list) : list.numbered[index - list.firstIndex];
    if (entry === undefined) throw new ProtocolError(`file index ${index}: no such entry`);
    if (entry.flags & EntryFlag.Dropped) {
      throw new ProtocolError(
        `refusing transfer of cleared file index ${index}: the entry is a duplicate`,
      );
    }
    return entry;
  }

  /**
   * The list that an index belongs to.
   * @throws ProtocolError naming the index when it is not in the lists that are present.
   */
  listAt(index: number): FileList {
    return this.#lists[this.#placeOf(index)]!;
  }

  /**
   * How many entries of all lists, freed ones included, come before the one of a transfer index.
   * @throws ProtocolError as `listAt` does.
   */
  ordinalOf(index: number): number {
    if (!this.#options.inc) return index;
    // There is an index without an entry before each list.
    return index - 1 - (this.#freed + this.#placeOf(index));
  }

  #placeOf(index: number): number {
    const lists = this.#lists;
    const before = this.#options.inc ? 1 : 0;
    let low = 0;
    let high = lists.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (lists[middle]!.firstIndex - before <= index) low = middle + 1;
      else high = middle;
    }
    const list = lists[low - 1];
    if (list !== undefined && index < list.firstIndex + list.entries.length) return low - 1;
    throw this.#outOfRange(index);
  }

  /** The directory whose contents the list holds: for the first list `.`, if it is there. */
  #directoryOf(list: FileList): FileEntry | undefined {
    if (list.parentDirIndex !== null) return this.#directories[list.parentDirIndex];
    const first = list.entries[0];
    return first?.name === "." ? first : undefined;
  }

  #outOfRange(index: number): ProtocolError {
    const first = this.#lists[0];
    if (first === undefined) return new ProtocolError(`file index ${index}: there is no list`);
    const low = first.firstIndex - (this.#options.inc ? 1 : 0);
    return new ProtocolError(`file index: expected ${low}..${this.#nextIndex - 2}, got ${index}`);
  }

  /**
   * Frees the oldest list and returns it.
   * @throws ProtocolError when there is none.
   */
  freeFirst(): FileList {
    const list = this.#lists.shift();
    if (list === undefined) throw new ProtocolError("end of a file list: there is no list");
    this.#entryCount -= list.entries.length;
    this.#freed++;
    return list;
  }
}

/** Names may start with a slash until they are sorted (2.5.4). */
function stripLeadingSlashes(entries: readonly FileEntry[]): void {
  for (const entry of entries) if (entry.name.startsWith("/")) entry.name = entry.name.slice(1);
}
