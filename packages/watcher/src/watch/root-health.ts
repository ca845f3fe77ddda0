/**
 * Halts a root when its guard has something against it, and lets it go on when it is as it was or somebody accepts it as it is
 * (spec 6, 3.2 and 4.6).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

import type { Halt, RootGuard } from "./root-guard.js";
import type { RootState } from "./root-watcher.js";
import type { RootLoss } from "./translator-context.js";

/** How often a halted root is looked at. */
const LOOK_MS = 5000;
/** A root that is empty for so short a time only was not emptied. */
const EMPTY_MS = 2000;
/** How often, at most, a busy root is made sure of. */
const CHECK_MS = 1000;

export interface HealthContext {
  state(): RootState;
  setState(state: RootState, reason: string): void;
  isWatching(): boolean;
  /** Gives the watches back: what they would tell is not about the root any more. */
  letGo(): void;
  /** Watches and walks the root again. */
  comeBack(): Promise<void>;
}

export class RootHealth {
  readonly #guard: RootGuard;
  readonly #path: ByteString;
  readonly #context: HealthContext;
  #timer: NodeJS.Timeout | undefined;
  #checkedMs = 0;
  #isThinned = false;
  /** The root was not empty when it was last known. */
  #hadEntries = true;

  constructor(guard: RootGuard, path: ByteString, context: HealthContext) {
    this.#guard = guard;
    this.#path = path;
    this.#context = context;
  }

  /** Whether the root may be started with. */
  checkStart(hadEntries: boolean): boolean {
    this.#hadEntries = hadEntries;
    const halt = this.#guard.check(hadEntries);
    if (halt !== null) this.halt(halt);
    return halt === null;
  }

  /** Something went from the root's own directory. */
  thinned(): void {
    this.#isThinned = true;
  }

  mounted(path: ByteString, device: bigint): void {
    this.#guard.mounted(path, device);
  }

  /** To be called before what events say is told: halts when the root is not what it was. */
  check(): void {
    const state = this.#context.state();
    if (state !== "live" && state !== "scanning") return;
    const now = performance.now();
    if (!this.#isThinned && now - this.#checkedMs < CHECK_MS) return;
    this.#isThinned = false;
    this.#checkedMs = now;
    this.#hadEntries = true;
    const halt = this.#guard.check(true);
    if (halt !== null) this.halt(halt);
  }

  /** The root's own directory is not where it was. */
  lost(loss: RootLoss): void {
    const state = loss === "gone" ? "root-gone" : "unmounted";
    const reason = `${this.#path}: the directory was moved, removed or unmounted`;
    this.halt(this.#guard.check(true) ?? { state, reason });
  }

  /** Something below the root was unmounted: what was there is not gone, it is only out of sight. */
  unmountedBelow(path: ByteString): void {
    const reason = `${path}: its file system was unmounted`;
    this.halt(this.#guard.check(true) ?? { state: "unmounted", reason });
  }

  halt(halt: Halt): void {
    if (this.#context.state() === "closed") return;
    this.#context.setState(halt.state, halt.reason);
    if (halt.state !== "guarded") this.#context.letGo();
    clearTimeout(this.#timer);
    const wait = halt.state === "guarded" && this.#guard.isEmpty() ? EMPTY_MS : LOOK_MS;
    this.#timer = setTimeout(() => void this.#lookAgain(false), wait);
  }

  /** Accepts the root as it is. */
  async resume(): Promise<void> {
    this.#guard.accept();
    await this.#lookAgain(true);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  async #lookAgain(isAccepted: boolean): Promise<void> {
    const before = this.#context.state();
    if (before !== "root-gone" && before !== "unmounted" && before !== "guarded") return;
    clearTimeout(this.#timer);
    const halt = this.#guard.check(this.#hadEntries);
    if (halt !== null) {
      // One that was emptied stays halted until somebody says that this is meant, or the old one is mounted there again.
      if (halt.state === "guarded" && this.#guard.isEmpty() && !isAccepted)
        this.#guard.staysEmpty();
      this.halt(halt);
    } else if (before === "guarded" && this.#context.isWatching()) {
      this.#context.setState("live", isAccepted ? "resumed" : "the root is as it was");
    } else await this.#context.comeBack();
  }
}
