/**
 * The receiver: takes the sender's replies in order and puts files into place.
 * Spec: docs/protocol/3-transfer.md, 8; ends of phases: 1-session.md, 7.
 * @module
 */
import { FileIoError, ProtocolError } from "@tsrsync/protocol";
import { readSumHead, type SumHead } from "@tsrsync/protocol/delta";
import {
  type FileEntry,
  type FileListSet,
  isDirectory,
  isRegular,
} from "@tsrsync/protocol/file-list";
import { ItemFlag, type ItemRecord, readDeletionCounters } from "@tsrsync/protocol/item";
import { type ByteString, type Cursor, NDX_DEL_STATS, NDX_DONE } from "@tsrsync/protocol/wire";
import type { DestinationFilter } from "../filter/destination-filter.js";
import { applyAttributes } from "../generator/apply-attributes.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { carriesXattrs, receiveXattrReply } from "../session/xattr-exchange.js";
import type { FileStat, TemporaryFile, TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { temporaryPath } from "../tree/temporary-name.js";
import { type Destination, localPath } from "./destination.js";
import { umaskFor } from "./directory-umask.js";
import { basisPlace, openBasis } from "./open-basis.js";
import type { Phases } from "./phases.js";
import { DataReceiver, type ReceivedData } from "./receive-data.js";
import type { ListReceiver } from "./receive-list.js";

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;

/** After this many answered ends of phases no file may be transferred any more (spec 3-transfer, 12). */
const LAST_TRANSFER_PHASE = 2;

export class Receiver {
  readonly #session: Session;
  readonly #destination: Destination;
  readonly #list: ListReceiver;
  readonly #lists: FileListSet;
  readonly #phases: Phases;
  readonly #filter: DestinationFilter | null;
  readonly #data: DataReceiver;
  /** Files that came once already: a second time is the redo, and the last try. */
  readonly #seen = new Set<number>();
  readonly #decodeHead: (cursor: Cursor) => SumHead;

  constructor(
    session: Session,
    destination: Destination,
    list: ListReceiver,
    phases: Phases,
    filter: DestinationFilter | null,
  ) {
    this.#session = session;
    this.#destination = destination;
    this.#list = list;
    this.#lists = list.lists;
    this.#phases = phases;
    this.#filter = filter;
    this.#data = new DataReceiver(session);
    const limits = { protocol: session.protocol, digestLength: session.strong.digestLength };
    this.#decodeHead = (cursor) => readSumHead(cursor, limits);
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
    if (ndx === NDX_DONE) this.#done();
    else if (ndx === NDX_DEL_STATS) await this.#session.input.read(readDeletionCounters);
    else {
      await this.#list.receiveMore(ndx);
      this.#phases.notify();
    }
  }

  /** With incremental recursion an end closes the oldest list; the one that closes the last list is that of a phase. */
  #done(): void {
    if (this.#session.isIncremental && this.#lists.lists.length > 0) {
      this.#lists.freeFirst();
      if (this.#lists.lists.length > 0 || !this.#list.isComplete) return;
    }
    this.#phases.advance();
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
    this.#countTransfer(item, entry);
    this.#announce(item, entry);
    if (!this.#session.options.dryRun) await this.#file(item, entry);
    if (!this.#phases.redo.includes(item.ndx)) this.#phases.settled(item.ndx);
  }

  /** The generator has done all it could for an item without transfer; these values have come just now. */
  async #setLateXattrs(entry: FileEntry): Promise<void> {
    const path = localPath(this.#destination, entry);
    if (this.#filter?.refuses(path, isDirectory(entry))) return;
    await this.#destination.extended?.setLate(entry, path);
  }

  #announce(item: ItemRecord, entry: FileEntry): void {
    const { observer } = this.#session;
    observer.item?.({
      entry,
      ndx: item.ndx,
      flags: item.flags,
      xname: item.xname,
      outgoing: false,
    });
  }

  #countTransfer(item: ItemRecord, entry: FileEntry): void {
    const { statistics } = this.#session;
    if (this.#seen.has(item.ndx)) return;
    statistics.transferredFiles++;
    statistics.transferredSize += entry.size;
    if (item.flags & ItemFlag.IsNew) countKind(statistics.created, entry.mode);
  }

  async #file(item: ItemRecord, entry: FileEntry): Promise<void> {
    const { input } = this.#session;
    const answer = input.read(this.#decodeHead);
    const head = answer instanceof Promise ? await answer : answer;
    const path = localPath(this.#destination, entry);
    const place = basisPlace(
      this.#session,
      this.#destination,
      this.#phases.basisOf(item.ndx),
      item,
      path,
    );
    const basis = head.count > 0 ? await openBasis(place) : null;
    try {
      await this.#rebuild(item, entry, path, head, basis);
    } finally {
      await basis?.close();
    }
  }

  async #rebuild(
    item: ItemRecord,
    entry: FileEntry,
    path: ByteString,
    head: SumHead,
    basis: TreeFile | null,
  ): Promise<void> {
    const basisIsGone = head.count > 0 && basis === null;
    const temporary = basisIsGone ? null : await this.#createTemporary(entry, path);
    let placed = false;
    try {
      const { observer } = this.#session;
      const onProgress = observer.progress ? this.#progressOf(item.ndx, entry) : null;
      const target = temporary?.file ?? null;
      const data = await this.#receiveData({ head, basis, target, onProgress }, path);
      this.#session.statistics.literalData += data.literalBytes;
      this.#session.statistics.matchedData += data.matchedBytes;
      observer.progress?.(this.#progressEvent(item.ndx, entry, data.length, true));
      if (basisIsGone) this.#verificationFailed(item.ndx, path);
      else if (temporary === null) return;
      else if (data.verified) placed = await this.#place(entry, path, temporary);
      else this.#verificationFailed(item.ndx, path);
    } catch (error) {
      if (temporary !== null) placed = await this.#keepPartial(entry, path, temporary);
      throw error;
    } finally {
      if (temporary !== null) {
        if (!placed) await this.#discard(temporary);
        this.#phases.temporaries.delete(temporary.path);
      }
    }
    this.#seen.add(item.ndx);
  }

  async #receiveData(
    plan: Parameters<DataReceiver["receive"]>[0],
    path: ByteString,
  ): Promise<ReceivedData> {
    try {
      return await this.#data.receive(plan);
    } catch (error) {
      if ((error as { errno?: number }).errno === undefined) throw error;
      const name = this.#destination.describe(path);
      throw new FileIoError(`[receiver] write failed on ${name}: ${reason(error)}`, {
        cause: error,
      });
    }
  }

  async #createTemporary(entry: FileEntry, path: ByteString): Promise<TemporaryFile | null> {
    const { tree } = this.#destination;
    try {
      const stat = await tree.stat(path);
      if (stat !== null && (stat.mode & S_IFMT) === S_IFDIR) {
        this.#problem(`recv_files: ${this.#destination.describe(path)} is a directory`);
        return null;
      }
      const temporary = await tree.createTemporary(path, entry.mode);
      this.#phases.temporaries.add(temporary.path);
      return temporary;
    } catch (error) {
      this.#problem(
        `rsync: [receiver] mkstemp ${this.#destination.describe(temporaryPath(path))} failed: ${reason(error)}`,
      );
      return null;
    }
  }

  #problem(text: ByteString): void {
    this.#session.notice("transfer-error", text);
  }

  /** Gives the finished file its attributes and moves it over the destination. */
  async #place(entry: FileEntry, path: ByteString, temporary: TemporaryFile): Promise<boolean> {
    const { tree, privileges } = this.#destination;
    const { options } = this.#session;
    try {
      const replaced: FileStat | null = options.perms ? null : await tree.stat(path);
      const isFresh = !options.perms && replaced === null;
      const stat = temporary.file.stat();
      await applyAttributes(temporary.file, entry, {
        options,
        privileges,
        stat: stat instanceof Promise ? await stat : stat,
        replacedMode:
          replaced !== null && (replaced.mode & S_IFMT) === S_IFREG ? replaced.mode : null,
        exactTimes: true,
        extended: this.#destination.extended?.planFor("receiver", temporary.path, path) ?? null,
        ...(isFresh && { umask: await umaskFor(this.#destination, path) }),
      });
      const closed = temporary.file.close();
      if (closed instanceof Promise) await closed;
      const moved = tree.rename(temporary.path, path);
      if (moved instanceof Promise) await moved;
      return true;
    } catch (error) {
      this.#problem(
        `rsync: [receiver] rename ${this.#destination.describe(temporary.path)} -> "${path}" failed: ${reason(error)}`,
      );
      return false;
    }
  }

  /**
   * `--partial`: what came of a file whose transfer was cut takes its place, as old as can be, so that it never looks up to
   * date (spec 3-transfer, 8.3). Only if new data had arrived.
   */
  async #keepPartial(
    entry: FileEntry,
    path: ByteString,
    temporary: TemporaryFile,
  ): Promise<boolean> {
    if (!this.#session.options.partial || this.#data.literalBytes === 0) return false;
    try {
      await temporary.file.setTimes(null, { seconds: 0, nanoseconds: 0 });
      await temporary.file.setMode(entry.mode & 0o777);
      await temporary.file.close();
      await this.#destination.tree.rename(temporary.path, path);
      return true;
    } catch {
      return false; // it is discarded; the error that cut the transfer is the one to tell
    }
  }

  async #discard(temporary: TemporaryFile): Promise<void> {
    try {
      await temporary.file.close();
    } catch {
      // it may be closed already; what matters is that it goes away
    }
    try {
      await this.#destination.tree.removeFile(temporary.path);
    } catch (error) {
      this.#problem(`rsync: [receiver] unlink "${temporary.path}" failed: ${reason(error)}`);
    }
  }

  #verificationFailed(ndx: number, path: ByteString): void {
    if (this.#seen.has(ndx)) {
      this.#problem(`ERROR: ${path} failed verification -- update discarded.`);
      return;
    }
    this.#session.notice(
      "warning",
      `WARNING: ${path} failed verification -- update discarded (will try again).`,
    );
    this.#phases.requestAgain(ndx);
  }

  #progressOf(ndx: number, entry: FileEntry): (position: number) => void {
    return (position) =>
      this.#session.observer.progress?.(this.#progressEvent(ndx, entry, position, false));
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
