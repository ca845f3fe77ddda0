/**
 * The pushes of one target, counted and not entered into the metrics yet: finding a metric by its labels costs more than the
 * counting, so it is done for many pushes at once.
 * @module
 */
import type { PushedEvent } from "../events/mirror-events.js";

/** Takes the count of one metric, or one value of it. */
export type Enter = (value: number) => void;

/** Where a tally is entered: the metrics of its target. */
export interface PushMetrics {
  readonly ok: Enter;
  readonly partial: Enter;
  readonly pushSeconds: Enter;
  readonly delaySeconds: Enter;
  readonly upserts: Enter;
  readonly deletes: Enter;
  readonly renames: Enter;
  readonly sent: Enter;
  readonly matched: Enter;
}

/** So many values are not kept for later. */
const MANY = 1000;

/** Counts since it was entered last. */
export class PushTally {
  readonly #metrics: PushMetrics;
  #ok = 0;
  #partial = 0;
  #upserts = 0;
  #deletes = 0;
  #renames = 0;
  #sent = 0;
  #matched = 0;
  #wallsMs: number[] = [];
  #delaysMs: number[] = [];

  constructor(metrics: PushMetrics) {
    this.#metrics = metrics;
  }

  add({ plan, outcome, wallMs, delaysMs }: PushedEvent): void {
    if (outcome.failed.size > 0) this.#partial++;
    else this.#ok++;
    this.#wallsMs.push(wallMs);
    for (const delay of delaysMs) this.#delaysMs.push(delay);
    const renames = plan.links.length;
    this.#upserts += Math.max(0, plan.items.length + plan.trees.length - renames);
    this.#deletes += plan.deletes.length;
    this.#renames += renames;
    this.#sent += outcome.sentBytes;
    this.#matched += outcome.matchedBytes;
    if (this.#wallsMs.length + this.#delaysMs.length > MANY) this.enter();
  }

  /** Enters what was counted. */
  enter(): void {
    if (this.#wallsMs.length === 0) return;
    const metrics = this.#metrics;
    if (this.#ok > 0) metrics.ok(this.#ok);
    if (this.#partial > 0) metrics.partial(this.#partial);
    for (const wall of this.#wallsMs) metrics.pushSeconds(wall / 1000);
    for (const delay of this.#delaysMs) metrics.delaySeconds(delay / 1000);
    metrics.upserts(this.#upserts);
    metrics.deletes(this.#deletes);
    metrics.renames(this.#renames);
    metrics.sent(this.#sent);
    metrics.matched(this.#matched);
    this.#clear();
  }

  #clear(): void {
    this.#ok = 0;
    this.#partial = 0;
    this.#upserts = 0;
    this.#deletes = 0;
    this.#renames = 0;
    this.#sent = 0;
    this.#matched = 0;
    this.#wallsMs = [];
    this.#delaysMs = [];
  }
}
