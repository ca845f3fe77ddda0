/**
 * Comparisons in the background: of paths picked at random, and of everything now and then (`verify.sample`, `verify.full`; spec 6,
 * 3.6). A difference means that an event was lost, or that somebody else writes at the target.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TargetSettings } from "../config/settings.js";
import { LONGEST_TIMER } from "../config/units.js";
import type { TargetRecord } from "../journal/types.js";
import { callAfter, untilNext } from "./schedule.js";

/** What comparisons in the background work with. */
export interface VerifyHost {
  readonly settings: TargetSettings["verify"];
  readonly record: TargetRecord;
  /** Picks a path; `null` when there is none. */
  pick(): ByteString | null;
  /** Whether the target works and nothing else is to be done for it. */
  isIdle(): boolean;
  /** Compares these paths, or everything. Never rejects. */
  compare(paths: readonly ByteString[] | undefined): Promise<unknown>;
}

const HOUR = 3_600_000;
/** Samples are taken together: a connection for each would cost more than the comparison. */
const SAMPLE_EVERY = 5 * 60_000;
const MOST_AT_ONCE = 1000;

/** Kept under this name in the target's record. */
const LAST = "verified";

/** The comparisons of one target. Without any in the settings there are no timers. */
export class BackgroundVerify {
  readonly #host: VerifyHost;
  #sampleTimer: NodeJS.Timeout | null = null;
  #cancelFull: (() => void) | null = null;

  constructor(host: VerifyHost) {
    this.#host = host;
  }

  start(): void {
    if (this.#host.settings.samplePerHour > 0) this.#planSample();
    this.#planFull();
  }

  close(): void {
    if (this.#sampleTimer !== null) clearTimeout(this.#sampleTimer);
    this.#cancelFull?.();
  }

  #planSample(): void {
    const perHour = this.#host.settings.samplePerHour;
    const period = Math.min(LONGEST_TIMER, Math.max(SAMPLE_EVERY, HOUR / perHour));
    const count = Math.min(MOST_AT_ONCE, Math.round((perHour * period) / HOUR));
    this.#sampleTimer = setTimeout(() => {
      this.#planSample();
      void this.#sample(Math.max(1, count));
    }, period).unref();
  }

  async #sample(count: number): Promise<void> {
    if (!this.#host.isIdle()) return;
    const paths = new Set<ByteString>();
    for (let tries = 0; tries < count; tries++) {
      const path = this.#host.pick();
      if (path !== null) paths.add(path);
    }
    if (paths.size > 0) await this.#host.compare([...paths]);
  }

  #planFull(): void {
    const { settings, record } = this.#host;
    if (settings.full === null) return;
    const last = record.get(LAST);
    if (typeof last !== "number") record.set(LAST, Date.now());
    const since = typeof last === "number" ? last : Date.now();
    const wait = untilNext(settings.full, since, Date.now());
    if (wait === null) return;
    this.#cancelFull = callAfter(wait, () => {
      record.set(LAST, Date.now());
      this.#planFull();
      void this.#host.compare(undefined);
    });
  }
}
