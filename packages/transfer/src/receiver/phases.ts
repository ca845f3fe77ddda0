/**
 * What generator and receiver tell each other: which lists have come, which ends of phases the sender has answered, which
 * requests are still open, which files failed their verification (spec 1-session, 7.2 to 7.4), and which temporary files are
 * being written.
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import { EntryFlag, type FileList, type FileListSet } from "@tsrsync/protocol/file-list";
import { BasisType } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Basis } from "../generator/basis.js";
import type { Awaitable } from "../tree/file-tree.js";
import { Replay } from "./replay.js";

/** What became of a file that was watched. */
export interface Fate {
  ndx: number;
  isPlaced: boolean;
}

export class Phases {
  /** How many ends of phases the sender has answered. */
  answered = 0;
  /** Files to be requested once more, in the order in which they failed. */
  readonly redo: number[] = [];
  /** Temporary files that are being written: deletion must leave them alone. */
  readonly temporaries: Set<ByteString> = new Set();

  /** Files that were asked for with another basis than the one at the destination. */
  readonly #bases = new Map<number, Basis>();
  /** What is wanted of a batch that is replayed; `null` when there is a sender to be asked. */
  readonly replay: Replay | null;
  /** Files of `redo` whose first answer is not done with. */
  readonly #again: Set<number> = new Set();
  readonly #lists: FileListSet;
  /** How many requests are open, by the first index of their list. */
  readonly #open = new Map<number, number>();
  /** Files that others wait for. */
  readonly #watched = new Map<number, "asked" | "postponed">();
  #askedCount = 0;
  #fates: Fate[] = [];
  #changeCount = 0;
  #waiters: (() => void)[] = [];
  #failure: Error | null = null;
  #decidedBelow = 0;

  constructor(lists: FileListSet, isReplay: boolean) {
    this.#lists = lists;
    this.replay = isReplay ? new Replay(this) : null;
  }

  /** The generator, or the receiver, waits for a change. */
  get isAwaited(): boolean {
    return this.#waiters.length > 0;
  }

  /** The sender answered the end of a phase. */
  advance(): void {
    this.answered++;
    this.notify();
  }

  /** A file was asked for. */
  requested(ndx: number): void {
    this.#lists.entryAt(ndx).flags |= EntryFlag.Requested;
    const { firstIndex } = this.#lists.listAt(ndx);
    this.#open.set(firstIndex, (this.#open.get(firstIndex) ?? 0) + 1);
    this.notify();
  }

  /** A file was asked for with this basis: no other one will be opened for it. */
  expectBasis(ndx: number, basis: Basis | null): void {
    if (basis !== null && basis.type !== BasisType.Destination) this.#bases.set(ndx, basis);
    else this.#bases.delete(ndx);
  }

  /** The basis that a file was asked for with; `null`: the file at the destination, if there is one. */
  basisOf(ndx: number): Basis | null {
    return this.#bases.get(ndx) ?? null;
  }

  /** All entries with smaller indexes were looked at: what is to be asked for of them has been. */
  decided(below: number): void {
    this.#decidedBelow = below;
    this.notify();
  }

  /** Whether it is known of the entry with this index whether it is asked for. */
  isDecided(ndx: number): boolean {
    return ndx < this.#decidedBelow;
  }

  /**
   * Makes sure that the file was asked for, so that nothing comes that nobody wants. An answer that was recorded may be
   * here before the request: then that is waited for.
   * @throws ProtocolError when there is none.
   */
  requestOf(ndx: number): Awaitable<void> {
    return this.#isRequested(ndx) ? undefined : this.#laterRequestOf(ndx);
  }

  async #laterRequestOf(ndx: number): Promise<void> {
    while (!this.#isRequested(ndx)) {
      if (ndx < this.#decidedBelow) throw notRequested(ndx);
      await this.change();
    }
  }

  #isRequested(ndx: number): boolean {
    return (this.#lists.entryAt(ndx).flags & EntryFlag.Requested) !== 0;
  }

  /** A file that was asked for came, or will not come. @throws ProtocolError when it was not asked for. */
  settled(ndx: number): void {
    if (!this.#isRequested(ndx)) throw notRequested(ndx);
    if (this.#again.delete(ndx)) return;
    this.#lists.entryAt(ndx).flags &= ~EntryFlag.Requested;
    this.#bases.delete(ndx);
    if (this.#watched.get(ndx) === "asked") this.#conclude(ndx, false);
    this.release(ndx);
  }

  /** Something else that counted as a request is done with. */
  release(ndx: number): void {
    const { firstIndex } = this.#lists.listAt(ndx);
    const left = (this.#open.get(firstIndex) ?? 0) - 1;
    if (left > 0) this.#open.set(firstIndex, left);
    else this.#open.delete(firstIndex);
    this.notify();
  }

  /** A file failed its verification for the first time. Its request counts as open until the second one is settled. */
  requestAgain(ndx: number): void {
    if (this.replay === null) this.redo.push(ndx);
    else this.replay.want(ndx);
    this.#again.add(ndx);
    this.notify();
  }

  /** Wants to know what becomes of a file that was asked for. */
  watch(ndx: number): void {
    this.#watched.set(ndx, "asked");
    this.#askedCount++;
  }

  /** What becomes of a file is of no interest after all. */
  unwatch(ndx: number): void {
    if (this.#watched.get(ndx) === "asked") this.#askedCount--;
    this.#watched.delete(ndx);
  }

  /** Whether a file that is watched has not come yet, or nobody took note of it. */
  get isAnyAsked(): boolean {
    return this.#askedCount > 0 || this.#fates.length > 0;
  }

  /** A file is complete, but gets into its place later. */
  postponed(ndx: number): void {
    if (this.#watched.get(ndx) !== "asked") return;
    this.#watched.set(ndx, "postponed");
    this.#askedCount--;
  }

  /** A file is in its place. */
  placed(ndx: number): void {
    this.#conclude(ndx, true);
  }

  #conclude(ndx: number, isPlaced: boolean): void {
    const state = this.#watched.get(ndx);
    if (state === undefined) return;
    if (state === "asked") this.#askedCount--;
    this.#watched.delete(ndx);
    this.#fates.push({ ndx, isPlaced });
  }

  /** What became of watched files since the last call. */
  takeFates(): Fate[] {
    return this.#fates.splice(0);
  }

  /** Whether everything that was asked for of a list has come. */
  isSettled(list: FileList): boolean {
    return !this.#open.has(list.firstIndex);
  }

  /** Whether everything of a list was looked at, and all that was asked for has come. */
  isDone(list: FileList): boolean {
    return this.isDecided(list.firstIndex + list.entries.length - 1) && this.isSettled(list);
  }

  /** How many changes there were: who looks at things one after the other compares it, so as to miss none. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** Waits for the next change, or for one after `seen` were counted. @throws what `fail` was given. */
  async change(seen: number = this.#changeCount): Promise<void> {
    if (this.#failure === null && seen === this.#changeCount) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** One of the two has failed: the other one need not wait for it. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.notify();
  }

  /** Waits until the sender has answered `count` ends of phases. */
  async until(count: number): Promise<void> {
    while (this.answered < count) await this.change();
  }

  /** Something has changed that the other one may be waiting for. */
  notify(): void {
    this.#changeCount++;
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}

function notRequested(ndx: number): ProtocolError {
  return new ProtocolError(`file index ${ndx}: the file was not asked for`);
}
