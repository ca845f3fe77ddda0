/**
 * What a receiver is sent, and when: alarms of one event that come together go together, and no two messages of one event come
 * closer than the receiver wants. What is over before it was told is not told at all.
 * @module
 */
import type { NotifyEvent } from "../config/settings.js";
import { type Alarm, alarmKey } from "./alarm.js";

/** For others of the same kind to come: a switch that fails takes many targets with it. */
const GATHER_MS = 1000;
const MAX_ALARMS = 500;

/** Alarms of one event that wait. */
interface Waiting {
  alarms: Map<string, Alarm>;
  left: number;
  timer: NodeJS.Timeout;
}

/** A message to be sent. */
export interface Bundle {
  event: NotifyEvent;
  alarms: readonly Alarm[];
  /** Alarms that found no room. */
  left: number;
}

/** Collects the alarms of one receiver. */
export class Outbox {
  readonly #minIntervalMs: number;
  readonly #send: (bundle: Bundle) => void;
  readonly #waiting = new Map<NotifyEvent, Waiting>();
  readonly #lastSent = new Map<NotifyEvent, number>();
  /** Alarms that the receiver knows of and will be told the end of. */
  readonly #told = new Set<string>();

  constructor(minIntervalMs: number, send: (bundle: Bundle) => void) {
    this.#minIntervalMs = minIntervalMs;
    this.#send = send;
  }

  add(alarm: Alarm): void {
    if (alarm.state === "resolved") this.#resolve(alarm);
    else this.#put(alarm);
  }

  /** Sends what waits. */
  flush(): void {
    for (const event of [...this.#waiting.keys()]) this.#flush(event);
  }

  /** `targetUp` is the end of `targetDown`; all others end under their own name. */
  #resolve(alarm: Alarm): void {
    const event = alarm.event === "targetUp" ? "targetDown" : alarm.event;
    const key = alarmKey({ ...alarm, event });
    const waiting = this.#waiting.get(event);
    const wasWaiting = waiting?.alarms.get(key)?.state === "raised" && waiting.alarms.delete(key);
    if (wasWaiting && waiting.alarms.size === 0 && waiting.left === 0) this.#drop(event);
    const wasTold = this.#told.delete(key);
    // A receiver that wants ends only is told each of them.
    if (wasTold || (alarm.event === "targetUp" && !wasWaiting)) this.#put(alarm);
  }

  #put(alarm: Alarm): void {
    const { event } = alarm;
    let waiting = this.#waiting.get(event);
    if (waiting === undefined) {
      const isEnd = alarm.state === "resolved";
      const earliest =
        (this.#lastSent.get(event) ?? Number.NEGATIVE_INFINITY) + this.#minIntervalMs;
      const wait = isEnd ? GATHER_MS : Math.max(GATHER_MS, earliest - performance.now());
      const timer = setTimeout(() => this.#flush(event), wait).unref();
      this.#waiting.set(event, (waiting = { alarms: new Map(), left: 0, timer }));
    }
    if (waiting.alarms.size >= MAX_ALARMS) waiting.left++;
    else waiting.alarms.set(alarmKey(alarm), alarm);
  }

  #drop(event: NotifyEvent): void {
    clearTimeout(this.#waiting.get(event)?.timer);
    this.#waiting.delete(event);
  }

  #flush(event: NotifyEvent): void {
    const waiting = this.#waiting.get(event);
    this.#drop(event);
    if (waiting === undefined) return;
    const alarms = [...waiting.alarms.values()];
    for (const alarm of alarms) {
      if (alarm.state === "raised" && event !== "overflow" && event !== "summary") {
        this.#told.add(alarmKey(alarm));
      }
    }
    if (alarms.some(({ state }) => state === "raised"))
      this.#lastSent.set(event, performance.now());
    this.#send({ event, alarms, left: waiting.left });
  }
}
