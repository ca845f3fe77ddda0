/**
 * Answers requests for files: opens them, searches them for the blocks of the basis, and accounts for what was sent.
 * Spec: docs/protocol/3-transfer.md, 2.6 and 5.
 * @module
 */
import {
  basisSizeOf,
  readSumHead,
  type Signature,
  SignatureReader,
  type SumHead,
  writeSumHead,
} from "@tsrsync/protocol/delta";
import { type FileEntry, IoError } from "@tsrsync/protocol/file-list";
import { ItemFlag, type ItemRecord } from "@tsrsync/protocol/item";
import type { ByteString, Cursor } from "@tsrsync/protocol/wire";
import type { SourceAttributes } from "../attributes/source-attributes.js";
import { itemEvent } from "../session/item-event.js";
import type { ItemCost } from "../session/observer.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import type { ReadingOptions, TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import type { SentFile } from "./file-from.js";
import { readingOptionsOf } from "./look-through.js";
import { overwritesBasis } from "./overwrites-basis.js";
import { DataSender, type SentData, SMALL_BYTES } from "./send-data.js";
import type { ListSender } from "./send-list.js";
import { SizedFile } from "./sized-file.js";
import { treePath } from "./source.js";
import type { Sources } from "./sources.js";

const SUM_HEAD_BYTES = 16;
const WEAK_SUM_BYTES = 4;

export class FileSender {
  readonly #session: Session;
  readonly #sources: Sources;
  readonly #list: ListSender;
  readonly #attributes: SourceAttributes | null;
  readonly #reading: ReadingOptions;
  readonly #data: DataSender;
  /** Files that were sent once: a second request is the redo. */
  readonly #sent = new Set<number>();
  readonly #decodeHead: (cursor: Cursor) => SumHead;
  readonly #decodeRedoHead: (cursor: Cursor) => SumHead;

  /** `attributes` has been reading what `-A` and `-X` ask for. */
  constructor(
    session: Session,
    sources: Sources,
    list: ListSender,
    attributes: SourceAttributes | null,
  ) {
    this.#session = session;
    this.#sources = sources;
    this.#list = list;
    this.#attributes = attributes;
    this.#reading = readingOptionsOf(session.options);
    this.#data = new DataSender(session);
    const limits = { protocol: session.protocol, digestLength: session.strong.digestLength };
    this.#decodeHead = (cursor) => readSumHead(cursor, limits);
    this.#decodeRedoHead = (cursor) => readSumHead(cursor, limits, true);
  }

  /** How the searches went, for `-vv`. */
  searchReport(): ByteString {
    return this.#data.searchReport();
  }

  /** Answers the request for a file; `asked` are the long attribute values that go with it (spec 3-transfer, 2.6). */
  async transfer(
    item: ItemRecord,
    entry: FileEntry,
    asked: readonly number[] | null,
  ): Promise<void> {
    const session = this.#session;
    const { statistics, options } = session;
    if (!this.#sent.has(item.ndx)) {
      statistics.transferredFiles++;
      statistics.transferredSize += entry.size;
      if (item.flags & ItemFlag.IsNew) countKind(statistics.created, entry.mode);
    }
    if (options.dryRun && !options.onlyWriteBatch) {
      this.announce(item, entry);
      session.writeItem(item);
      session.output.flushWhenFull();
      return;
    }
    const answer = session.input.read(
      this.#sent.has(item.ndx) ? this.#decodeRedoHead : this.#decodeHead,
    );
    const head = answer instanceof Promise ? await answer : answer;
    const appends = options.append !== "none" && !this.#sent.has(item.ndx);
    const signature = head.count > 0 && !appends ? await this.#readSignature(head) : null;
    const file = await this.#open(item, entry);
    if (file === null) return;
    const { needsCost } = session.observer;
    if (!needsCost) this.announce(item, entry);
    const bytesBefore = session.output.position;
    try {
      session.writeItem(item);
      if (asked !== null) await this.#attributes?.reply(this.#sources.of(entry), entry, asked);
      if (options.onlyWriteBatch) session.output.aside = true;
      writeSumHead(session.output.writer, head, session.protocol);
      const appendTo = appends ? basisSizeOf(head) : 0;
      // What is read at once has no time to change.
      const steady =
        entry.size > SMALL_BYTES ? new SizedFile(file, (await file.stat()).size) : file;
      const sent = await this.#send(item, entry, steady, signature, appendTo);
      this.#account(entry, sent);
      this.#reportProgress(item.ndx, entry, appendTo + sent.literalBytes + sent.matchedBytes, true);
      if (needsCost) {
        this.announce(item, entry, {
          transferBytes: session.output.position - bytesBefore,
          sumBytes: SUM_HEAD_BYTES + head.count * (WEAK_SUM_BYTES + head.s2length),
          digest: sent.digest,
        });
      }
    } finally {
      if (options.onlyWriteBatch) session.output.aside = false;
      const closed = file.close();
      if (closed instanceof Promise) await closed;
    }
    this.#sent.add(item.ndx);
    session.output.flushWhenFull();
    const waiting = session.output.drained();
    if (waiting instanceof Promise) await waiting;
  }

  /** Tells the program around of an item. */
  announce(item: ItemRecord, given: FileEntry, cost: ItemCost | null = null): void {
    const { observer, options } = this.#session;
    if (observer.item === undefined) return;
    const { directory } = this.#sources.of(given);
    const isAbsolute = options.relative && directory === "/";
    // As rsync does, a name is shown with the slash that it was asked for with.
    const entry = isAbsolute ? { ...given, name: `/${given.name}` } : given;
    observer.item(itemEvent(this.#session, item, entry, directory, cost));
  }

  async #readSignature(head: SumHead): Promise<Signature> {
    const { input } = this.#session;
    const reader = new SignatureReader(head, { maxBytes: this.#session.options.maxAlloc });
    while (!reader.read(input.cursor)) await input.more();
    return reader.signature;
  }

  async #open(item: ItemRecord, entry: FileEntry): Promise<TreeFile | null> {
    const session = this.#session;
    const source = this.#sources.of(entry);
    try {
      const answer = source.tree.open(treePath(source, entry.name), this.#reading);
      const file = answer instanceof Promise ? await answer : answer;
      if (session.options.append === "none" || this.#sent.has(item.ndx)) return file;
      return (await this.#isDiminished(item, entry, file)) ? null : file;
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") {
        session.addIoError(IoError.Vanished);
        session.notice("warning", `file has vanished: ${source.describe(entry.name)}`);
      } else {
        session.addIoError(IoError.General);
        session.notice(
          "transfer-error",
          `rsync: [sender] send_files failed to open ${source.describe(entry.name)}: ${reason(error)}`,
        );
      }
      session.sendNoSend(item.ndx);
      return null;
    }
  }

  /** There is nothing to append when the file became shorter. Closes such a file. */
  async #isDiminished(item: ItemRecord, entry: FileEntry, file: TreeFile): Promise<boolean> {
    const session = this.#session;
    if ((await file.stat()).size >= entry.size) return false;
    await file.close();
    const name = this.#sources.of(entry).describe(entry.name);
    session.notice("warning", `skipped diminished file: ${name}`);
    session.sendNoSend(item.ndx);
    return true;
  }

  #send(
    item: ItemRecord,
    entry: FileEntry,
    file: SentFile,
    signature: Signature | null,
    appendTo: number,
  ): Promise<SentData> {
    const { observer, options, protocol } = this.#session;
    const onProgress = observer.progress ? this.#progressOf(item.ndx, entry) : null;
    if (appendTo > 0) {
      const verify = options.append === "verify" || protocol < 30;
      return this.#data.sendAppended(file, { start: appendTo, verify }, onProgress);
    }
    if (signature === null) return this.#data.sendWhole(file, onProgress);
    const { synchronous } = this.#sources.of(entry).tree;
    const inplace = overwritesBasis(this.#session, item);
    return this.#data.sendDelta(file, synchronous, signature, inplace, onProgress);
  }

  #account(entry: FileEntry, sent: SentData): void {
    const session = this.#session;
    session.statistics.literalData += sent.literalBytes;
    session.statistics.matchedData += sent.matchedBytes;
    if (sent.readError === null) return;
    session.addIoError(IoError.General);
    const name = this.#sources.of(entry).describe(entry.name);
    session.notice(
      "transfer-error",
      `rsync: [sender] read errors mapping ${name}: ${reason(sent.readError)}`,
    );
  }

  #progressOf(ndx: number, entry: FileEntry): (position: number) => void {
    return (position) => this.#reportProgress(ndx, entry, position, false);
  }

  #reportProgress(ndx: number, entry: FileEntry, position: number, done: boolean): void {
    const { observer, statistics } = this.#session;
    if (observer.progress === undefined) return;
    const entriesTotal = this.#session.entriesKnown;
    observer.progress({
      entry,
      position,
      done,
      transferredFiles: statistics.transferredFiles,
      entriesLeft: entriesTotal - 1 - this.#list.lists.ordinalOf(ndx),
      entriesTotal,
      listComplete: this.#list.isComplete,
    });
  }
}
