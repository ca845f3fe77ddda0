/**
 * Receiving one file: its basis, the way in which it is written, its data, and what becomes of them (spec 3-transfer, 7
 * and 8).
 * @module
 */
import { FileIoError } from "@tsrsync/protocol";
import { basisSizeOf, readSumHead, type SumHead } from "@tsrsync/protocol/delta";
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { BasisType, type ItemRecord } from "@tsrsync/protocol/item";
import type { ByteString, Cursor } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import type { TreeFile } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import type { DelayedUpdates } from "./delayed-updates.js";
import { localPath } from "./destination.js";
import { type FileJob, openOutput, type Rejection } from "./file-output.js";
import { basisPlace, openBasis } from "./open-basis.js";
import { type DataPlan, DataReceiver, type ReceivedData } from "./receive-data.js";
import type { Workspace } from "./workspace.js";

/** Told how far a file is. */
export type FileProgress = (ndx: number, entry: FileEntry, position: number, done: boolean) => void;

export class FileReceiver {
  readonly #workspace: Workspace;
  readonly #session: Session;
  readonly #delayed: DelayedUpdates | null;
  readonly #data: DataReceiver;
  readonly #onProgress: FileProgress | null;
  /** Files that came once already: a second time is the redo, and the last try. */
  readonly #seen = new Set<number>();
  readonly #decodeHead: (cursor: Cursor) => SumHead;

  constructor(
    workspace: Workspace,
    delayed: DelayedUpdates | null,
    onProgress: FileProgress | null,
  ) {
    const { session } = workspace;
    this.#workspace = workspace;
    this.#session = session;
    this.#delayed = delayed;
    this.#onProgress = onProgress;
    this.#data = new DataReceiver(session);
    const limits = { protocol: session.protocol, digestLength: session.strong.digestLength };
    this.#decodeHead = (cursor) => readSumHead(cursor, limits);
  }

  /** Whether the file came before. */
  hasSeen(ndx: number): boolean {
    return this.#seen.has(ndx);
  }

  /** Reads the rest of a reply and puts the file into its place. Answers with what came, as far as it could be used. */
  async receive(item: ItemRecord, entry: FileEntry): Promise<ReceivedData | null> {
    const answer = this.#session.input.read(this.#decodeHead);
    const head = answer instanceof Promise ? await answer : answer;
    const path = localPath(this.#workspace.destination, entry);
    const asked = this.#workspace.phases.basisOf(item.ndx);
    const place = basisPlace(this.#session, this.#workspace.destination, asked, item, path);
    const job = this.#jobOf(item, entry, path, head);
    const prefixLength = this.#verifiesPrefix(job) ? job.start : 0;
    const needsBasis = job.hasBasis || prefixLength > 0;
    const basis = needsBasis ? await openBasis(place, this.#session.options.writeDevices) : null;
    let data: ReceivedData | null = null;
    try {
      if (needsBasis && basis === null) await this.#withoutBasis(job, head, prefixLength);
      else data = await this.#rebuild(job, head, basis, prefixLength);
    } finally {
      if (basis !== null) await basis.close();
    }
    this.#seen.add(item.ndx);
    return data;
  }

  /** Reads the rest of a reply and throws it away. */
  async passOver(): Promise<void> {
    const head = await this.#session.input.read(this.#decodeHead);
    const plan = { basis: null, target: null, prefixLength: 0, onProgress: null };
    await this.#data.receive({ ...plan, head });
  }

  #jobOf(item: ItemRecord, entry: FileEntry, path: ByteString, head: SumHead): FileJob {
    const { options } = this.#session;
    const appends = options.append !== "none" && !this.#seen.has(item.ndx);
    return {
      workspace: this.#workspace,
      delayed: this.#delayed,
      ndx: item.ndx,
      entry,
      path,
      basisType: this.#workspace.phases.basisOf(item.ndx)?.type ?? BasisType.Destination,
      start: appends ? basisSizeOf(head) : 0,
      hasBasis: head.count > 0 && !appends,
    };
  }

  /** Before protocol 30, what is appended to is always checked. */
  #verifiesPrefix({ start }: FileJob): boolean {
    const { options, protocol } = this.#session;
    return start > 0 && (options.append === "verify" || protocol < 30);
  }

  /** The basis vanished since the request: what comes can not be put together, but it must be read. */
  async #withoutBasis(job: FileJob, head: SumHead, prefixLength: number): Promise<void> {
    const plan = { head, basis: null, target: null, prefixLength, onProgress: null };
    await this.#receiveData(job, plan);
    this.#failed(job, "discarded");
  }

  async #rebuild(
    job: FileJob,
    head: SumHead,
    basis: TreeFile | null,
    prefixLength: number,
  ): Promise<ReceivedData | null> {
    const output = await openOutput(job);
    const onProgress = this.#progressOf(job);
    const plan = { head, basis, target: output?.target ?? null, prefixLength, onProgress };
    let data: ReceivedData;
    try {
      data = await this.#receiveData(job, plan);
    } catch (error) {
      await output?.abandon(this.#data.literalBytes > 0);
      throw error;
    }
    if (output === null) return null;
    if (data.verified) await output.accept();
    else this.#failed(job, await output.reject());
    return data;
  }

  #progressOf({ ndx, entry }: FileJob): DataPlan["onProgress"] {
    const tell = this.#onProgress;
    return tell === null ? null : (position) => tell(ndx, entry, position, false);
  }

  async #receiveData({ ndx, entry, path, start }: FileJob, plan: DataPlan): Promise<ReceivedData> {
    try {
      const data = await this.#data.receive(plan);
      const { statistics } = this.#session;
      statistics.literalData += data.literalBytes;
      statistics.matchedData += data.matchedBytes;
      this.#onProgress?.(ndx, entry, start + data.length, true);
      return data;
    } catch (error) {
      if ((error as { errno?: number }).errno === undefined) throw error;
      const name = this.#workspace.destination.describe(path);
      throw new FileIoError(`[receiver] write failed on ${name}: ${reason(error)}`, {
        cause: error,
      });
    }
  }

  #failed({ ndx, path }: FileJob, what: Rejection): void {
    if (this.#seen.has(ndx)) {
      const text = `ERROR: ${path} failed verification -- update ${what}.`;
      this.#session.notice("transfer-error", text);
      return;
    }
    this.#session.notice(
      "warning",
      `WARNING: ${path} failed verification -- update ${what} (will try again).`,
    );
    this.#workspace.phases.requestAgain(ndx);
  }
}
