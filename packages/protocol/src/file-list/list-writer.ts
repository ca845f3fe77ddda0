/**
 * Writing file lists. Spec: docs/protocol/2-file-list.md, 2.5.
 * @module
 */
import type { ByteString, Writer } from "../wire/index.js";
import { AnnouncedIds, type IdLookup } from "./announced-ids.js";
import { EntryEncoder } from "./entry-encoder.js";
import { EntryFlag, type FileEntry } from "./file-entry.js";
import { HardLinkGroups } from "./hard-link.js";
import { writeIdLists } from "./id-list.js";
import { writeListEnd } from "./list-end.js";
import type { ListOptions } from "./list-options.js";

/** The sender's names for ids. */
export interface IdLookups {
  readonly user: IdLookup;
  readonly group: IdLookup;
}

const NO_LOOKUPS: IdLookups = { user: () => null, group: () => null };

/** Writes all lists of one direction of a session, entry by entry. */
export class ListWriter {
  readonly #options: ListOptions;
  readonly #encoder: EntryEncoder;
  readonly #users: AnnouncedIds;
  readonly #groups: AnnouncedIds;
  readonly #hardLinks: HardLinkGroups = new HardLinkGroups();
  #entries: FileEntry[] = [];
  #firstIndex: number;

  /** `lookups` are used unless `--numeric-ids` is on; each id is looked up once. */
  constructor(options: ListOptions, lookups: IdLookups = NO_LOOKUPS) {
    const { numericIds } = options;
    this.#options = options;
    this.#users = new AnnouncedIds(numericIds ? null : lookups.user);
    this.#groups = new AnnouncedIds(numericIds ? null : lookups.group);
    this.#encoder = new EntryEncoder(options, this.#users, this.#groups);
    this.#firstIndex = options.inc ? 1 : 0;
  }

  /** The entries of the list being written so far, in sending order; borrowed. */
  get entries(): readonly FileEntry[] {
    return this.#entries;
  }

  /** Index of the first entry of the list being written (2.7.4). */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  /**
   * Writes one entry. One with `EntryFlag.HardLinked` (see `markHardLinked`) is put into its group.
   * `wireName` and `wireTarget` are its name and link target in the wire's charset (`--iconv`).
   * @throws RangeError for a name or a value that has no encoding.
   */
  writeEntry(
    writer: Writer,
    entry: FileEntry,
    wireName: ByteString = entry.name,
    wireTarget: ByteString | null = entry.extra?.linkTarget ?? null,
  ): void {
    this.#encoder.encode(
      writer,
      entry,
      { name: wireName, target: wireTarget },
      this.#firstLink(entry),
    );
    this.#entries.push(entry);
  }

  /** The first entry of the hard-link group if it is in this list and is not `entry` itself. */
  #firstLink(entry: FileEntry): FileEntry | null {
    if (!(entry.flags & EntryFlag.HardLinked) || !this.#options.hardLinks) return null;
    const { extra } = entry;
    if (extra === null) throw new RangeError(`${entry.name}: expected a device and an inode`);
    if (this.#options.protocol < 30) return null;
    if (extra.hardLinkGroup < 0) {
      this.#hardLinks.assign(entry, this.#firstIndex + this.#entries.length);
    }
    if (entry.flags & EntryFlag.HardLinkFirst) return null;
    return this.#entries[extra.hardLinkGroup - this.#firstIndex] ?? null;
  }

  /**
   * Ends the list; the next entry starts the next one. Returns the entries in sending order, owned by the caller.
   * See `writeListEnd` for when `ioError` has to travel in another way.
   */
  writeEnd(writer: Writer, ioError: number): FileEntry[] {
    writeListEnd(writer, ioError, this.#options);
    const entries = this.#entries;
    this.#firstIndex += entries.length + 1;
    this.#entries = [];
    return entries;
  }

  /** Writes the lists of users and groups that follow the list (2.9.2), as far as the options ask for them. */
  writeIdLists(writer: Writer): void {
    writeIdLists(writer, this.#options, this.#users, this.#groups);
  }
}
