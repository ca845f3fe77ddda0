/**
 * One complete list: sorted, numbered, its directories entered in the table.
 * Spec: docs/protocol/2-file-list.md, 2.7.4 and 2.10.2.
 * @module
 */
import { type FileEntry, isDirectory } from "./file-entry.js";
import { sortEntries } from "./order.js";

export interface FileList {
  /** Transfer index of the first entry. */
  readonly firstIndex: number;
  /** Place in the directory table of the directory whose contents these are; `null` for the first list. */
  readonly parentDirIndex: number | null;
  /** In sorted order, the order in which both sides walk; dropped ones included. */
  readonly entries: readonly FileEntry[];
  /** By index: the entry of index `firstIndex + i`. The same array as `entries` unless names are converted. */
  readonly numbered: readonly FileEntry[];
  /** For each place in `entries` its place in `numbered`; `null` when they are the same. */
  readonly places: Uint32Array | null;
  /** Place in the directory table of this list's first directory; the others follow. */
  readonly firstDirIndex: number;
  /** How many directories of the list are in the table: all, dropped ones too. */
  readonly dirCount: number;
}

/** The transfer index of `list.entries[position]`. */
export function indexAt(list: FileList, position: number): number {
  return list.firstIndex + (list.places === null ? position : list.places[position]!);
}

/** Sorts and numbers a list; `directories` is the table, to which its directories are added. */
export function buildList(
  sent: readonly FileEntry[],
  firstIndex: number,
  parentDirIndex: number | null,
  directories: FileEntry[],
  protocol: number,
  bySendingOrder: boolean,
): FileList {
  const entries = sortEntries(sent, protocol);
  const numbered = bySendingOrder ? sent : entries;
  const firstDirIndex = directories.length;
  for (const entry of numbered) if (isDirectory(entry)) directories.push(entry);
  return {
    firstIndex,
    parentDirIndex,
    entries,
    numbered,
    places: bySendingOrder ? placesOf(entries, sent) : null,
    firstDirIndex,
    dirCount: directories.length - firstDirIndex,
  };
}

function placesOf(entries: readonly FileEntry[], sent: readonly FileEntry[]): Uint32Array {
  const places = new Map(sent.map((entry, place) => [entry, place]));
  return Uint32Array.from(entries, (entry) => places.get(entry)!);
}
