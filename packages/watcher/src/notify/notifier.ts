/**
 * Alarms to people, as configured under `notify` (spec 6, 8.4).
 * @module
 */
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { NotifySettings } from "../config/settings.js";
import type { MirrorStatus } from "../control/types.js";
import type { MirrorEventSource } from "../events/mirror-events.js";
import type { Logger } from "../log/logger.js";
import type { Alarm } from "./alarm.js";
import { raiseAlarms } from "./alarm-source.js";
import { createMessage } from "./message.js";
import { type Bundle, Outbox } from "./outbox.js";
import { createSink, type Sink } from "./sinks.js";
import { createSummary, untilMidnight } from "./summary.js";

const TIMEOUT_MS = 30_000;
const RETRIES_MS: readonly number[] = [1000, 10_000, 60_000];
const CLOSE_GRACE_MS = 3000;

/** Alarms at work. */
export interface Notifier {
  /** Sends what waits, and gives it a few seconds. */
  close(): Promise<void>;
}

export interface NotifierContext {
  logger: Logger;
  status: () => MirrorStatus;
  /** The name of this machine in messages; that of the system when absent. */
  host?: string;
}

/** One receiver and what it waits for. */
class Receiver {
  readonly #sink: Sink;
  readonly #outbox: Outbox;
  readonly #events: ReadonlySet<string>;
  readonly #context: NotifierContext;
  readonly #closing = new AbortController();
  readonly #sending = new Set<Promise<void>>();

  constructor(settings: NotifySettings, context: NotifierContext) {
    this.#sink = createSink(settings);
    this.#events = new Set(settings.events);
    this.#context = context;
    this.#outbox = new Outbox(settings.minInterval, (bundle) => {
      const sending = this.#send(bundle).finally(() => this.#sending.delete(sending));
      this.#sending.add(sending);
    });
  }

  add(alarm: Alarm): void {
    if (this.#events.has(alarm.event)) this.#outbox.add(alarm);
  }

  async close(): Promise<void> {
    this.#outbox.flush();
    const giveUp = setTimeout(() => this.#closing.abort(), CLOSE_GRACE_MS);
    await Promise.all(this.#sending);
    clearTimeout(giveUp);
    this.#closing.abort();
  }

  async #send(bundle: Bundle): Promise<void> {
    const { logger, host = hostname() } = this.#context;
    const message = createMessage(bundle, host);
    const { signal } = this.#closing;
    const fields = { receiver: this.#sink.name, event: bundle.event };
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#deliver(message, signal);
        logger.debug("alarm sent", fields);
        return;
      } catch (error) {
        const pause = RETRIES_MS[attempt];
        if (pause === undefined || signal.aborted) {
          logger.error("alarm not sent", { ...fields, reason: String(error) });
          return;
        }
        logger.warn("alarm not sent yet", { ...fields, retry: pause, reason: String(error) });
        await sleep(pause, undefined, { signal, ref: false }).catch(() => {}); // the end: one last attempt
      }
    }
  }

  async #deliver(message: ReturnType<typeof createMessage>, outer: AbortSignal): Promise<void> {
    const limit = new AbortController();
    // The last attempt of all holds the end of the mirror up.
    const timeout = outer.aborted ? CLOSE_GRACE_MS : TIMEOUT_MS;
    const timer = setTimeout(() => limit.abort(new Error("no answer in time")), timeout);
    const onOuter = (): void => limit.abort(new Error("the mirror ends"));
    outer.addEventListener("abort", onOuter, { once: true });
    try {
      await this.#sink.deliver(message, limit.signal);
    } finally {
      clearTimeout(timer);
      outer.removeEventListener("abort", onOuter);
    }
  }
}

/** One timer, from midnight to midnight. */
function startSummaries(status: () => MirrorStatus, emit: (alarm: Alarm) => void): () => void {
  const summarize = createSummary();
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    timer = setTimeout(tell, untilMidnight(new Date())).unref();
  };
  function tell(): void {
    const text = summarize(status());
    emit({ event: "summary", state: "raised", root: null, target: null, text, at: new Date() });
    wait();
  }
  wait();
  return () => clearTimeout(timer);
}

/** Starts to tell people. */
export function createNotifier(
  settings: readonly NotifySettings[],
  events: MirrorEventSource,
  context: NotifierContext,
): Notifier {
  const receivers = settings.map((each) => new Receiver(each, context));
  const emit = (alarm: Alarm): void => {
    for (const receiver of receivers) receiver.add(alarm);
  };
  const stops: (() => void)[] = [];
  if (receivers.length > 0) stops.push(raiseAlarms(events, emit));
  if (settings.some((each) => each.events.includes("summary"))) {
    stops.push(startSummaries(context.status, emit));
  }
  return {
    async close() {
      for (const stop of stops) stop();
      await Promise.all(receivers.map((receiver) => receiver.close()));
    },
  };
}
