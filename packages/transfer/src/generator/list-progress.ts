/**
 * How far the generator has got with the lists: which one is next, which are done with, what failed and is to be asked for
 * again. Spec: docs/protocol/1-session.md, 7.2 to 7.4.
 * @module
 */
import type { FileList } from "@tsrsync/protocol/file-list";
import { localPath } from "../receiver/destination.js";
import type { ListReceiver } from "../receiver/receive-list.js";
import type { Session } from "../session/session.js";
import type { GeneratorContext } from "./context.js";
import { requestAgain } from "./regular-file.js";

/** So many entries are known before hard links among them are dealt with (spec 2-file-list, 2.11.3). */
const LINK_HORIZON = 500;

export class ListProgress {
  readonly #session: Session;
  readonly #context: GeneratorContext;
  /** How many lists are done with, and how many of them were closed. */
  #generated = 0;
  #closed = 0;

  constructor(context: GeneratorContext) {
    this.#session = context.session;
    this.#context = context;
  }

  /** All entries of `list` were dealt with; what was asked for may still be on its way. */
  generated(list: FileList): void {
    this.#generated++;
    this.#context.phases.decided(list.firstIndex + list.entries.length);
  }

  /** The next list to work on, once it is here; `null` after the last one. */
  async next(): Promise<FileList | null> {
    const { lists, list, phases } = this.#context;
    for (;;) {
      const seen = phases.changeCount;
      await this.#closeLists();
      const next = lists.lists[this.#generated - lists.freedCount];
      if (next !== undefined && this.#sees(list)) return next;
      if (next === undefined && list.isComplete) return null;
      this.#session.output.flush();
      await phases.change(seen);
    }
  }

  /** To know more of the names of an item, some lists are awaited. A sender has more of them on the way than these. */
  #sees({ lists, isComplete }: ListReceiver): boolean {
    return this.#context.hardLinks === null || isComplete || lists.entryCount >= LINK_HORIZON;
  }

  /** Asks again for what failed, and closes the oldest lists of which nothing is missing any more. */
  async #closeLists(): Promise<void> {
    const { lists, phases } = this.#context;
    await this.#attendResults();
    if (!this.#session.isIncremental) return;
    // The last list is closed by the end of the first phase.
    while (this.#closed < this.#generated && this.#hasListAfter(this.#closed)) {
      const oldest = lists.lists[this.#closed - lists.freedCount];
      if (oldest !== undefined && !phases.isSettled(oldest)) return;
      this.#session.writeDone();
      this.#closed++;
    }
  }

  #hasListAfter(place: number): boolean {
    const { lists } = this.#context;
    return place + 1 < lists.freedCount + lists.lists.length;
  }

  /** Waits until all that was asked for has come, and closes all lists but the last. */
  async settleAll(): Promise<void> {
    const { lists, phases } = this.#context;
    for (;;) {
      const seen = phases.changeCount;
      await this.#closeLists();
      const last = lists.lists.at(-1);
      if (!this.#hasListAfter(this.#closed) && (last === undefined || phases.isSettled(last)))
        return;
      this.#session.output.flush();
      await phases.change(seen);
    }
  }

  /** Deals with what comes until the sender has answered so many ends of phases. */
  async attendUntil(count: number): Promise<void> {
    const { phases } = this.#context;
    while (phases.answered < count) {
      const seen = phases.changeCount;
      await this.#attendResults();
      this.#session.output.flush();
      if (phases.answered < count) await phases.change(seen);
    }
    await this.#attendResults();
  }

  /** The last moment at which other names of files that did not come can be asked for. */
  async settleLinks(): Promise<void> {
    const { phases, session } = this.#context;
    // Before protocol 30 nobody says that an answer will not come.
    while (session.protocol >= 30 && phases.isAnyAsked) {
      const seen = phases.changeCount;
      await this.#attendResults();
      session.output.flush();
      if (phases.isAnyAsked) await phases.change(seen);
    }
  }

  /** Asks again for what failed, and links other names of what has come. */
  async #attendResults(): Promise<void> {
    await this.#redoFailed();
    await this.#context.hardLinks?.attend();
  }

  /** Asks again for files that failed their verification. */
  async #redoFailed(): Promise<void> {
    const { phases, lists, destination } = this.#context;
    for (let ndx = phases.redo.shift(); ndx !== undefined; ndx = phases.redo.shift()) {
      const entry = lists.entryAt(ndx);
      const path = localPath(destination, entry);
      await requestAgain(this.#context, ndx, entry, path);
      this.#session.output.flush();
    }
  }
}
