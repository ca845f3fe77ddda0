/**
 * Which of the mirror's events are alarms, and when they are over (spec 6, 8.4). A trouble is told once when it begins and once
 * when it ends.
 * @module
 */
import type { NotifyEvent } from "../config/settings.js";
import { listenAll } from "../events/listen.js";
import type {
  FailedEvent,
  FullSyncEvent,
  GuardEvent,
  HeldEvent,
  MirrorEventSource,
  PushedEvent,
  VerifiedEvent,
  WatchLimitEvent,
} from "../events/mirror-events.js";
import { displayPath } from "../log/display-path.js";
import { type Alarm, alarmKey } from "./alarm.js";

/** A target that can not be reached for less is nothing to get up for. */
const DOWN_AFTER_MS = 60_000;
const MAX_PATHS = 5;

/** A place that an alarm is about. */
interface Place {
  root: string | null;
  target: string | null;
}

const showPaths = (paths: Iterable<string>, count: number): string => {
  const shown = [...paths].slice(0, MAX_PATHS).map(displayPath);
  return shown.join(", ") + (count > shown.length ? ` and ${count - shown.length} more` : "");
};

/** Keeps which alarms are on. */
class AlarmSource {
  readonly #emit: (alarm: Alarm) => void;
  readonly #raised = new Set<string>();
  /** Targets that were not reached, until they have been down for long enough. */
  readonly #down = new Map<string, NodeJS.Timeout>();

  constructor(emit: (alarm: Alarm) => void) {
    this.#emit = emit;
  }

  tell(event: NotifyEvent, { root, target }: Place, text: string): void {
    this.#emit({ event, state: "raised", root, target, text, at: new Date() });
  }

  raise(event: NotifyEvent, place: Place, text: string): void {
    const key = alarmKey({ event, ...place });
    if (this.#raised.has(key)) return;
    this.#raised.add(key);
    this.tell(event, place, text);
  }

  /** Ends an alarm that is on; `as` is the event that its end is told under. */
  clear(event: NotifyEvent, { root, target }: Place, text: string, as = event): void {
    if (this.#raised.size === 0 || !this.#raised.delete(alarmKey({ event, root, target }))) return;
    this.#emit({ event: as, state: "resolved", root, target, text, at: new Date() });
  }

  failed(event: FailedEvent): void {
    const place = { root: event.root, target: event.target };
    const key = alarmKey({ event: "targetDown", ...place });
    if (event.failure === "refused" || event.failure === "full") {
      this.#forgetDown(key); // it answers
      this.raise(event.failure, place, event.message);
    } else if (!this.#down.has(key)) {
      const raise = (): void => this.raise("targetDown", place, event.message);
      this.#down.set(key, setTimeout(raise, DOWN_AFTER_MS).unref());
    }
  }

  pushed({ root, target, outcome, failedAgain }: PushedEvent): void {
    const place = { root, target };
    if (this.#down.size > 0) this.#forgetDown(alarmKey({ event: "targetDown", ...place }));
    this.clear("targetDown", place, "works again", "targetUp");
    this.clear("refused", place, "accepts pushes again");
    this.clear("full", place, "has room again");
    if (failedAgain.size === 0) return;
    const [reason = ""] = outcome.failed.values();
    const paths = showPaths(failedAgain, failedAgain.size);
    this.raise("failLog", place, `did not arrive: ${paths} (${reason})`);
  }

  guard({ root, active, state, reason }: GuardEvent): void {
    const place = { root, target: null };
    if (active) this.raise("guard", place, `halted, ${state}: ${reason}`);
    else this.clear("guard", place, "goes on");
  }

  held({ root, target, count, directories }: HeldEvent): void {
    const where = directories.length === 0 ? "" : ` in ${showPaths(directories, 0)}`;
    if (count === 0) this.clear("deleteHeld", { root, target }, "no longer held back");
    else this.raise("deleteHeld", { root, target }, `${count} deletions held back${where}`);
  }

  watchLimit({ root, polled, limit, needed }: WatchLimitEvent): void {
    const place = { root, target: null };
    const advice = needed > 0 ? `; set fs.inotify.max_user_watches to ${needed}` : "";
    const text = `limit ${limit}: ${polled} directories are polled${advice}`;
    if (polled === 0) this.clear("watchLimit", place, "all directories are watched");
    else this.raise("watchLimit", place, text);
  }

  fullSync({ root, target, phase, reason }: FullSyncEvent): void {
    if (phase === "failed") this.raise("fullSyncFailed", { root, target }, reason);
    if (phase === "done") this.clear("fullSyncFailed", { root, target }, "full sync went well");
  }

  verified({ root, target, differences, paths, repaired }: VerifiedEvent): void {
    const place = { root, target };
    const text = `${differences} paths differ: ${showPaths(paths, differences)}`;
    const repair = repaired > 0 ? `; ${repaired} are pushed again` : "";
    if (differences === 0) this.clear("verifyDifference", place, "nothing differs any more");
    else this.raise("verifyDifference", place, text + repair);
  }

  #forgetDown(key: string): void {
    clearTimeout(this.#down.get(key));
    this.#down.delete(key);
  }

  close(): void {
    for (const timer of this.#down.values()) clearTimeout(timer);
    this.#down.clear();
  }
}

/** Turns events into alarms. Returns what ends that. */
export function raiseAlarms(events: MirrorEventSource, emit: (alarm: Alarm) => void): () => void {
  const source = new AlarmSource(emit);
  const stop = listenAll(events, {
    failed: (event) => source.failed(event),
    pushed: (event) => source.pushed(event),
    idle: ({ root, target }) => source.clear("failLog", { root, target }, "everything arrived"),
    guard: (event) => source.guard(event),
    held: (event) => source.held(event),
    overflow: ({ root, count }) =>
      source.tell("overflow", { root, target: null }, `the kernel dropped events (${count} times)`),
    watchLimit: (event) => source.watchLimit(event),
    fullSync: (event) => source.fullSync(event),
    verified: (event) => source.verified(event),
  });
  return () => {
    stop();
    source.close();
  };
}
