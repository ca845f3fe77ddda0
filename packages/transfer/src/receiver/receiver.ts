/**
 * The receiver: takes the sender's replies in order and puts files into place.
 * Spec: docs/protocol/3-transfer.md, 8; ends of phases: 1-session.md, 7.
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import {
  type FileEntry,
  type FileListSet,
  indexAt,
  isDirectory,
  isRegular,
} from "@tsrsync/protocol/file-list";
import { ItemFlag, type ItemRecord, readDeletionCounters } from "@tsrsync/protocol/item";
import { NDX_DEL_STATS, NDX_DONE } from "@tsrsync/protocol/wire";
import type { DestinationFilter } from "../filter/destination-filter.js";
import { itemEvent } from "../session/item-event.js";
import type { ItemCost } from "../session/observer.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { carriesXattrs, receiveXattrReply } from "../session/xattr-exchange.js";
import { DelayedUpdates } from "./delayed-updates.js";
import { type Destination, localPath } from "./destination.js";
import type { Phases } from "./phases.js";
import { type FileProgress, FileReceiver } from "./receive-file.js";
import type { ListReceiver } from "./receive-list.js";
import type { Replay } from "./replay.js";
import type { Workspace } from "./workspace.js";

/** After this many answered ends of phases no file may be transferred any more (spec 3-transfer, 12). */
const LAST_TRANSFER_PHASE = 2;

/** With so many ends of phases answered, the next one is that of the redo phase (spec 3-transfer, 2.10). */
const DELAYED_PHASE = 1;

export class Receiver {
  readonly #session: Session;
  readonly #destination: Destination;
  readonly #list: ListReceiver;
  readonly #lists: FileListSet;
  readonly #phases: Phases;
  readonly #filter: DestinationFilter | null;
  readonly #files: FileReceiver;
  /** Files that wait for the end; `null` when none does. */
  readonly #delayed: DelayedUpdates | null;
  /** So many of the oldest lists have ended in a batch, but are not done with here. */
  #endedCount = 0;

  constructor(workspace: Workspace, list: ListReceiver, filter: DestinationFilter | null) {
    const { session, destination, phases } = workspace;
    this.#session = session;
    this.#destination = destination;
    this.#list = list;
    this.#lists = list.lists;
    this.#phases = phases;
    this.#filter = filter;
    this.#delayed = session.options.delayUpdates ? new DelayedUpdates(workspace) : null;
    const { progress } = session.observer;
    const onProgress: FileProgress = (ndx, entry, position, done) =>
      session.observer.progress?.(this.#progressEvent(ndx, entry, position, done));
    this.#files = new FileReceiver(workspace, this.#delayed, progress ? onProgress : null);
  }

  /** Takes replies until the sender leaves its loop: the answer to the third end of phase (protocol 28: the second). */
  async run(): Promise<void> {
    const last = this.#session.protocol >= 29 ? 3 : 2;
    while (this.#phases.answered < last) {
      const answer = this.#session.readItem();
      const item = answer instanceof Promise ? await answer : answer;
      if (item.ndx >= 0) await this.#reply(item);
      else await this.mark(item.ndx);
    }
  }

  /** Handles a negative index: an end of phase or relayed deletion counters. */
  async mark(ndx: number): Promise<void> {
    if (ndx === NDX_DONE) await this.#done();
    else if (ndx === NDX_DEL_STATS) await this.#session.input.read(readDeletionCounters);
    else {
      await this.#list.receiveMore(ndx);
      this.#phases.notify();
    }
  }

  /** With incremental recursion an end closes the oldest list; the one that closes the last list is that of a phase. */
  async #done(): Promise<void> {
    if (this.#phases.replay !== null) await this.#reportMissing(this.#phases.replay);
    if (this.#session.isIncremental && this.#lists.lists.length > this.#endedCount) {
      this.#endedCount++;
      this.#freeEnded();
      if (this.#lists.lists.length > this.#endedCount || !this.#list.isComplete) return;
    }
    // The files that wait are in their places before the generator learns that the phase is over.
    if (this.#phases.answered === DELAYED_PHASE) await this.#delayed?.carryOut();
    this.#phases.advance();
  }

  /** A batch does not wait for us: the generator may still link other names of what has come. */
  #freeEnded(): void {
    const { lists } = this.#lists;
    while (this.#endedCount > 0) {
      if (this.#phases.replay !== null && !this.#phases.isDone(lists[0]!)) return;
      this.#lists.freeFirst();
      this.#endedCount--;
    }
  }

  async #reply(item: ItemRecord): Promise<void> {
    const entry = this.#lists.entryAt(item.ndx);
    const hasXattrs = carriesXattrs(this.#session, item.flags);
    if (hasXattrs) await receiveXattrReply(this.#session, entry);
    if ((item.flags & ItemFlag.Transfer) === 0) {
      this.#announce(item, entry);
      if (hasXattrs) await this.#setLateXattrs(entry);
      return;
    }
    if (!isRegular(entry)) {
      throw new ProtocolError(`file index ${item.ndx}: expected a regular file to be transferred`);
    }
    if (this.#phases.answered >= LAST_TRANSFER_PHASE) {
      throw new ProtocolError(`file index ${item.ndx}: transfer after the last transfer phase`);
    }
    // The generator did not ask for it.
    if (this.#filter?.refuses(localPath(this.#destination, entry), false)) {
      const what = "file transfer request for daemon excluded file";
      throw new ProtocolError(`ERROR: rejecting ${what}: ${entry.name}`);
    }
    const { replay } = this.#phases;
    if (replay !== null && !(await replay.take(item.ndx))) {
      this.#session.observer.notBatched?.({ path: entry.name });
      await this.#files.passOver();
      return;
    }
    const request = this.#phases.requestOf(item.ndx);
    if (request instanceof Promise) await request;
    this.#countTransfer(item, entry);
    await this.#receiveFile(item, entry);
    this.#phases.settled(item.ndx);
  }

  async #receiveFile(item: ItemRecord, entry: FileEntry): Promise<void> {
    const session = this.#session;
    const { observer, options, input } = session;
    const tellsFirst = !observer.needsCost || options.dryRun;
    if (tellsFirst) this.#announce(item, entry);
    if (options.dryRun) {
      if (this.#dataFollowsDryRun()) await this.#files.passOver();
      return;
    }
    const bytesBefore = input.bytesDecoded;
    const data = await this.#files.receive(item, entry);
    if (tellsFirst) return;
    this.#announce(item, entry, {
      transferBytes: input.bytesDecoded - bytesBefore,
      sumBytes: 0,
      digest: data?.digest ?? null,
    });
  }

  /** A batch has the data in any case, and a sender that writes one to be had here sends it. */
  #dataFollowsDryRun(): boolean {
    const { isReplay, isServer, options } = this.#session;
    return isReplay || (options.onlyWriteBatch && !isServer);
  }

  /** What was wanted of the list that ends here, and is not in the batch. */
  async #reportMissing(replay: Replay): Promise<void> {
    const { lists } = this.#lists;
    const first = this.#session.isIncremental ? lists[this.#endedCount] : undefined;
    const isLast = lists.length - this.#endedCount <= 1 && this.#list.isComplete;
    const end =
      first === undefined || isLast
        ? Number.MAX_SAFE_INTEGER
        : indexAt(first, first.entries.length - 1);
    for (const ndx of await replay.missing(end)) {
      const { name } = this.#lists.entryAt(ndx);
      this.#session.notice("transfer-error", `(No batched update for "${name}")`);
      this.#phases.settled(ndx);
    }
  }

  /** The generator has done all it could for an item without transfer; these values have come just now. */
  async #setLateXattrs(entry: FileEntry): Promise<void> {
    const path = localPath(this.#destination, entry);
    if (this.#filter?.refuses(path, isDirectory(entry))) return;
    await this.#destination.extended?.setLate(entry, path);
  }

  #announce(item: ItemRecord, entry: FileEntry, cost: ItemCost | null = null): void {
    const session = this.#session;
    session.observer.item?.(itemEvent(session, item, entry, "", cost));
  }

  #countTransfer(item: ItemRecord, entry: FileEntry): void {
    const { statistics } = this.#session;
    if (this.#files.hasSeen(item.ndx)) return;
    statistics.transferredFiles++;
    statistics.transferredSize += entry.size;
    if (item.flags & ItemFlag.IsNew) countKind(statistics.created, entry.mode);
  }

  #progressEvent(ndx: number, entry: FileEntry, position: number, done: boolean) {
    const entriesTotal = this.#session.entriesKnown;
    return {
      entry,
      position,
      done,
      transferredFiles: this.#session.statistics.transferredFiles,
      entriesLeft: entriesTotal - 1 - this.#lists.ordinalOf(ndx),
      entriesTotal,
      listComplete: this.#list.isComplete,
    };
  }
}
