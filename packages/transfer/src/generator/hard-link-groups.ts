/**
 * The groups of hard links of a session: which entries are names of one item, and how far each group is (spec 2-file-list,
 * 2.11.3; 3-transfer, 3.4).
 * @module
 */
import { EntryFlag, type FileEntry, type FileListSet, FileType } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat } from "../tree/file-tree.js";

/** One name of an item. */
export interface Member {
  ndx: number;
  entry: FileEntry;
  path: ByteString;
}

/** The names of one item. They may be in several lists; groups outlive their lists. */
export interface HardLinkGroup {
  /** Names in the lists that are known whose turn has not come. */
  leftCount: number;
  /** The name that is as it should be: the others become links to it. */
  leader: { name: ByteString; path: ByteString } | null;
  /** The leader's item, when it was up to date from the start. */
  item: FileStat | null;
  /** The index that was asked for and has not come, or -1. */
  requested: number;
  /** Names that wait for a leader, in the order of their indexes. */
  waiting: Member[];
}

export class HardLinkGroups {
  readonly #protocol: number;
  readonly #groups = new Map<number | string, HardLinkGroup>();
  #knownLists = 0;

  constructor(protocol: number) {
    this.#protocol = protocol;
  }

  /** Counts the names in lists that came since the last call. */
  learn(lists: FileListSet): void {
    const present = lists.lists;
    for (let i = this.#knownLists - lists.freedCount; i < present.length; i++) {
      for (const entry of present[i]!.entries) {
        const group = this.of(entry);
        if (group !== null) group.leftCount++;
      }
    }
    this.#knownLists = lists.freedCount + present.length;
  }

  /** The group of an entry; `null` for an item with one name. */
  of(entry: FileEntry): HardLinkGroup | null {
    if ((entry.flags & (EntryFlag.HardLinked | EntryFlag.Dropped)) !== EntryFlag.HardLinked) {
      return null;
    }
    const key = this.#keyOf(entry);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group = { leftCount: 0, leader: null, item: null, requested: -1, waiting: [] };
    this.#groups.set(key, group);
    return group;
  }

  /** Names of one item are of one type, whatever a sender says of them. */
  #keyOf({ mode, extra }: FileEntry): number | string {
    const type = (mode & FileType.Mask) / 0o10000;
    if (this.#protocol >= 30) return extra!.hardLinkGroup * 16 + type;
    return `${extra!.dev}:${extra!.inode}:${type}`;
  }
}
