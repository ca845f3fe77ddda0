/**
/**
 * What generator and receiver tell each other: which lists have come, which ends of phases the sender has answered, which
 * requests are still open, which files failed their verification (spec 1-session, 7.2 to 7.4), and which temporary files are
 * being written.
 * @module
 */
import type { FileList, FileListSet } from "@tsrsync/protocol/file-list";
import { BasisType } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Basis } from "../generator/basis.js";

export class Phases {
  /** How many ends of phases the sender has answered. */
  answered = 0;
  /** Files to be requested once more, in the order in which they failed. */
  readonly redo: number[] = [];
  /** Temporary files that are being written: deletion must leave them alone. */
  readonly temporaries: Set<ByteString> = new Set();

  /** Files that were asked for with another basis than the one at the destination. */
  readonly #bases = new Map<number, Basis>();
  readonly #lists: FileListSet;
  /** How many requests are open, by the first index of their list. */
  readonly #open = new Map<number, number>();
  #waiters: (() => void)[] = [];
  #failure: Error | null = null;

  constructor(lists: FileListSet) {
    this.#lists = lists;
  }

  /** The sender answered the end of a phase. */
  advance(): void {
    this.answered++;
    this.notify();
  }

  /** A file was asked for. */
  requested(ndx: number): void {
    const { firstIndex } = this.#lists.listAt(ndx);
    this.#open.set(firstIndex, (this.#open.get(firstIndex) ?? 0) + 1);
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

  /** A file that was asked for came, or will not come. */
  settled(ndx: number): void {
    this.#bases.delete(ndx);
    const { firstIndex } = this.#lists.listAt(ndx);
    const left = (this.#open.get(firstIndex) ?? 0) - 1;
    if (left > 0) this.#open.set(firstIndex, left);
    else this.#open.delete(firstIndex);
    this.notify();
  }

  /** A file failed its verification for the first time. Its request counts as open until the second one is settled. */
  requestAgain(ndx: number): void {
    this.redo.push(ndx);
    this.notify();
  }

  /** Whether everything that was asked for of a list has come. */
  isSettled(list: FileList): boolean {
    return !this.#open.has(list.firstIndex);
  }

  /** Waits for the next change. @throws what `fail` was given. */
  async change(): Promise<void> {
    if (this.#failure === null) {
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
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
