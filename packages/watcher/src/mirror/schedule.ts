/**
 * Times of day and intervals: when full syncs are due, and when pushes may happen (spec 6, 2.3).
 * @module
 */
import { Cron } from "croner";
import { LONGEST_TIMER } from "../config/units.js";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Milliseconds until the next moment of a cron expression, or of an interval; `null` when there is none. */
export function untilNext(
  schedule: { every: number | null; cron: string | null },
  last: number,
  now: number,
): number | null {
  if (schedule.cron !== null) {
    const next = new Cron(schedule.cron, { paused: true }).nextRun(new Date(now));
    return next === null ? null : Math.max(1, next.getTime() - now);
  }
  if (schedule.every === null) return null;
  return Math.max(1, last + schedule.every - now);
}

/** Calls `due` after so many milliseconds, however many these are, unless the process ends before. Returns what takes it back. */
export function callAfter(wait: number, due: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    const next = left > LONGEST_TIMER ? () => arm(left - LONGEST_TIMER) : due;
    timer = setTimeout(next, Math.min(left, LONGEST_TIMER)).unref();
  };
  arm(wait);
  return () => clearTimeout(timer);
}

/**
 * Milliseconds from `now` (since 1970) until a window of the day opens (`01:00-05:00`, local time, may go over midnight), 0 while it is open. `null` and
 * `always` are always open.
 * @throws RangeError for anything else.
 */
export function untilOpen(window: string | null, now: number): number {
  if (window === null || window === "always") return 0;
  const parts = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(window);
  if (parts === null) throw new RangeError(`expected a window like 01:00-05:00, got ${window}`);
  const [from, to] = [minutes(parts[1]!, parts[2]!), minutes(parts[3]!, parts[4]!)];
  const midnight = new Date(now);
  midnight.setHours(0, 0, 0, 0);
  const at = now - midnight.getTime();
  const isOpen = from <= to ? at >= from && at < to : at >= from || at < to;
  if (isOpen) return 0;
  return at < from ? from - at : from + DAY - at;
}

function minutes(hours: string, rest: string): number {
  return (Number(hours) * 60 + Number(rest)) * MINUTE;
}
