/**
 * Reading file lists. Spec: docs/protocol/2-file-list.md, 2.5.
 * @module
 */
import { ProtocolError } from "../errors.js";
import type { ByteString, Cursor } from "../wire/index.js";
import { EntryDecoder } from "./entry-decoder.js";
import { cleanName } from "./entry-name.js";
import { EntryFlag, extraOf, type FileEntry } from "./file-entry.js";
import { IoError, isEndMarker, ListEnd, readEndErrors } from "./list-end.js";
import type { ListOptions } from "./list-options.js";
import { type FlagForm, flagFormOf, readWireFlags } from "./wire-flags.js";

/**
 * Converts names between the wire's charset (UTF-8) and the local one (`--iconv`); `null` when one can not be
 * converted. `target` is for link targets, only if both sides support it (compat bit 2); `name` is the link's on the wire.
 */
export interface NameConverter {
  readonly name: (text: ByteString) => ByteString | null;
  readonly target: ((text: ByteString, name: ByteString) => ByteString | null) | null;
}

/** Bounds the memory that one list may take; a million entries take about 200 MB. */
export const MAX_LIST_ENTRIES: number = 1 << 24;

/** Reads all lists of one direction of a session, entry by entry. */
export class ListReader {
  readonly #options: ListOptions;
  readonly #flagForm: FlagForm;
  readonly #decoder: EntryDecoder;
  readonly #converter: NameConverter | null;
  readonly #maxEntries: number;
  #entries: FileEntry[] = [];
  #firstIndex: number;
  #conversionErrors = 0;

  constructor(
    options: ListOptions,
    converter: NameConverter | null = null,
    maxEntries: number = MAX_LIST_ENTRIES,
  ) {
    this.#options = options;
    this.#flagForm = flagFormOf(options);
    this.#decoder = new EntryDecoder(options);
    this.#converter = converter;
    this.#maxEntries = maxEntries;
    this.#firstIndex = options.inc ? 1 : 0;
  }

  /** The entries of the list being read so far, in sending order; borrowed. */
  get entries(): readonly FileEntry[] {
    return this.#entries;
  }

  /** Index of the first entry of the list being read (2.7.4). */
  get firstIndex(): number {
    return this.#firstIndex;
  }

  /**
   * Reads one entry, or the end of the list, after which the next call starts the next list.
   * @throws UNDERFLOW when the bytes do not suffice: the caller moves the cursor back to the start of the entry, waits
   * for more and calls again. ProtocolError for all that 2.8.1 refuses.
   */
  readEntry(cursor: Cursor): FileEntry | ListEnd {
    const wireFlags = readWireFlags(cursor, this.#flagForm);
    if (isEndMarker(wireFlags, this.#options.varintFlags)) {
      return this.#end(readEndErrors(cursor, wireFlags, this.#options));
    }
    const entries = this.#entries;
    if (entries.length >= this.#maxEntries) {
      throw new ProtocolError(`file list: expected at most ${this.#maxEntries} entries`);
    }
    const entry = this.#decoder.decode(cursor, wireFlags, this.#firstIndex, entries);
    if (this.#converter !== null) this.#convert(entry, this.#converter);
    entries.push(entry);
    return entry;
  }

  #end(ioError: number): ListEnd {
    const end = new ListEnd(this.#entries, ioError | this.#conversionErrors);
    this.#firstIndex += this.#entries.length + 1;
    this.#entries = [];
    this.#conversionErrors = 0;
    return end;
  }

  /** An entry whose name has no local form keeps its index and nothing else. */
  #convert(entry: FileEntry, converter: NameConverter): void {
    const name = converter.name(entry.name);
    const target = this.#localTarget(entry, converter);
    if (name === null || target === null) {
      entry.flags |= EntryFlag.Dropped | EntryFlag.Unnamed;
      this.#conversionErrors |= IoError.General;
      return;
    }
    // A conversion may bring forth bytes that were not there.
    entry.name = cleanName(name, this.#options.relative);
    if (target !== "") extraOf(entry).linkTarget = target;
  }

  /** The link target in the local charset; empty if there is none to convert, `null` if it can not be. */
  #localTarget(entry: FileEntry, converter: NameConverter): ByteString | null {
    const extra = entry.extra;
    if (extra === null || extra.linkTarget === null || converter.target === null) return "";
    // An abbreviated hard link has its target from an entry that is converted already.
    const first = (entry.flags & EntryFlag.HardLinkFirst) !== 0;
    return !first && extra.hardLinkGroup >= this.#firstIndex
      ? ""
      : converter.target(extra.linkTarget, entry.name);
  }
}
