/**
 * The sender: answers the generator's requests strictly in their order.
 * Spec: docs/protocol/3-transfer.md, 2.6 and 5; ends of phases: 1-session.md, 7.
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import { type FileEntry, type FileListSet, isRegular } from "@tsrsync/protocol/file-list";
import {
  ItemFlag,
  type ItemRecord,
  readDeletionCounters,
  writeDeletionCounters,
  writeSenderStatistics,
} from "@tsrsync/protocol/item";
import { NDX_DEL_STATS, NDX_DONE } from "@tsrsync/protocol/wire";
import type { SourceAttributes } from "../attributes/source-attributes.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { TURN_MS, Turn } from "../session/turn.js";
import { carriesXattrs, receiveXattrRequest } from "../session/xattr-exchange.js";
import { FileSender } from "./file-sender.js";
import { removeSource } from "./remove-source.js";
import type { ListSender } from "./send-list.js";
import type { Source } from "./source.js";
import type { Sources } from "./sources.js";

/** So many entries are sent ahead of the requests in any case, and so many at most. */
const MIN_AHEAD = 1000;
const MAX_AHEAD = 10_000;
/** No transfer may be asked for once so many ends of phases were answered. */
const LAST_TRANSFER_PHASE = 2;

export class Sender {
  readonly #session: Session;
  readonly #sources: Sources;
  readonly #list: ListSender;
  readonly #attributes: SourceAttributes | null;
  readonly #lists: FileListSet;
  readonly #files: FileSender;
  /** Source files that are being removed. */
  #removals: Promise<unknown> = Promise.resolve();
  /** There was something to send at all. */
  readonly #hasEntries: boolean;
  readonly #turn = new Turn(TURN_MS);
  #phase = 0;

  /** `attributes` has been reading what `-A` and `-X` ask for. */
  constructor(
    session: Session,
    sources: Sources,
    list: ListSender,
    attributes: SourceAttributes | null,
  ) {
    this.#attributes = attributes;
    this.#session = session;
    this.#sources = sources;
    this.#list = list;
    this.#lists = list.lists;
    this.#hasEntries = list.lists.entryCount > 0;
    session.onSuccess = (ndx) => this.#onSuccess(ndx);
    this.#files = new FileSender(session, sources, list, attributes);
  }

  /** Answers requests until the session is over, the goodbye included. */
  async run(): Promise<void> {
    await this.#serve();
    if (this.#session.isServer && this.#hasEntries) this.#writeStatistics();
    else if (this.#session.recorder !== null) this.#recordStatistics();
    await this.#goodbye();
    await this.#removals;
    await this.#session.output.finish();
  }

  /** The transfer loop: ends when the generator's last phase but the goodbye is over. */
  async #serve(): Promise<void> {
    const session = this.#session;
    const last = session.protocol >= 29 ? 3 : 2;
    for (;;) {
      if (!this.#list.isComplete) await this.#lookAhead();
      // Whoever asks without reading the answers has to wait.
      const waiting = session.output.relieved();
      if (waiting instanceof Promise) await waiting;
      const answer = session.readItem();
      const item = answer instanceof Promise ? await answer : answer;
      if (item.ndx >= 0) {
        await this.#answer(item);
        continue;
      }
      if (item.ndx === NDX_DEL_STATS) await this.#relayDeletions();
      else if (item.ndx !== NDX_DONE)
        throw new ProtocolError(`file index: unexpected value ${item.ndx}`);
      else {
        const closesList = this.#freeList();
        if (!closesList) this.#phase++;
        if (this.#phase === last && session.options.debugDeltas) {
          session.notice("info", this.#files.searchReport());
        }
        session.writeDone();
        if (this.#phase === last) return;
      }
    }
  }

  /** With incremental recursion an end of phase closes the oldest list; the one that closes the last list counts. */
  #freeList(): boolean {
    if (!this.#session.isIncremental || this.#lists.lists.length === 0) return false;
    this.#lists.freeFirst();
    return this.#lists.lists.length > 0 || !this.#list.isComplete;
  }

  /** Sends lists ahead of the requests: some in any case, more while there is nothing else to do. */
  async #lookAhead(): Promise<void> {
    const { input, output } = this.#session;
    while (!this.#list.isComplete) {
      const ahead = this.#lists.entryCount - (this.#lists.lists[0]?.entries.length ?? 0);
      if (ahead >= MAX_AHEAD || (ahead >= MIN_AHEAD && input.hasPending)) return;
      await this.#list.sendNext();
      if (!this.#turn.isOver) continue;
      output.flush();
      await output.drained();
      await this.#turn.pass();
    }
  }

  async #relayDeletions(): Promise<void> {
    const session = this.#session;
    const counters = await session.input.read(readDeletionCounters);
    Object.assign(session.statistics.deleted, counters);
    if (!session.isServer) return;
    session.writeMark(NDX_DEL_STATS);
    writeDeletionCounters(session.output.writer, counters);
  }

  async #answer(item: ItemRecord): Promise<void> {
    const session = this.#session;
    if (this.#isKeepAlive(item)) {
      session.output.keepAlive();
      return;
    }
    const entry = this.#lists.entryAt(item.ndx);
    const asked = carriesXattrs(session, item.flags)
      ? await receiveXattrRequest(session, entry)
      : null;
    if ((item.flags & ItemFlag.Transfer) === 0) {
      if (item.flags & ItemFlag.IsNew) countKind(session.statistics.created, entry.mode);
      this.#files.announce(item, entry);
      session.writeItem(item);
      if (asked !== null) await this.#attributes?.reply(this.#sourceOf(entry), entry, asked);
      session.output.flushWhenFull();
      return;
    }
    if (!isRegular(entry)) {
      throw new ProtocolError(`file index ${item.ndx}: expected a regular file to be asked for`);
    }
    if (this.#phase >= LAST_TRANSFER_PHASE) {
      throw new ProtocolError(`file index ${item.ndx}: asked for after the last transfer phase`);
    }
    await this.#files.transfer(item, entry, asked);
  }

  /** The keepalive of protocol 29: the index after the last one, and nothing but "new". */
  #isKeepAlive(item: ItemRecord): boolean {
    if (this.#session.protocol >= 30 || item.flags !== ItemFlag.IsNew) return false;
    return item.ndx === this.#session.entriesKnown;
  }

  /** A file has arrived. What the peer says of entries that are gone, or did not ask us to remove, is not obeyed. */
  #onSuccess(ndx: number): void {
    const entry = this.#lists.entryAt(ndx);
    if (this.#session.options.removeSource === "none") return;
    const removal = removeSource(this.#session, this.#sourceOf(entry), entry);
    this.#removals = Promise.all([this.#removals, removal]);
  }

  #sourceOf(entry: FileEntry): Source {
    return this.#sources.of(entry);
  }

  /** A batch is read as if a server had sent it. */
  #recordStatistics(): void {
    const { output } = this.#session;
    output.aside = true;
    this.#writeStatistics();
    output.aside = false;
  }

  #writeStatistics(): void {
    const { statistics, output, input, protocol } = this.#session;
    writeSenderStatistics(output.writer, protocol, {
      bytesRead: input.bytesRead,
      bytesWritten: output.bytesWritten,
      totalSize: statistics.totalSize,
      listBuildMs: statistics.listBuildMs,
      listTransferMs: statistics.listTransferMs,
    });
  }

  /** Reads on to the last end of phase, answering the one of late deletions (protocol 31). */
  async #goodbye(): Promise<void> {
    const session = this.#session;
    if (session.protocol < 24) return;
    let answered = session.protocol < 31;
    for (;;) {
      const item = await session.readItem();
      if (item.ndx === NDX_DEL_STATS && !answered) await this.#relayDeletions();
      else if (item.ndx === NDX_DONE) {
        if (answered) return;
        answered = true;
        session.closing = true;
        session.writeDone();
        session.output.flush();
        session.observer.closing?.();
      } else if (item.ndx < 0 || item.flags & ItemFlag.Transfer) {
        throw new ProtocolError(`expected the end of the session, got file index ${item.ndx}`);
      }
    }
  }
}
