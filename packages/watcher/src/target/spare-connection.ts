/**
 * A connection that is opened and logged in before it is needed (spec 6, 3.4 "fixed cost of a connection").
 * @module
 */
import type { DaemonConnection, RemoteDirectory } from "tsrsync";
import { LONGEST_TIMER } from "../config/units.js";

/** One that was opened for what comes next is kept so long at least. */
const USED_SOON_MS = 5000;
/** After a spare could not be had (all places taken, say), none is asked for so long. */
const PAUSE_MS = 60_000;

/** Ends the login of one. */
type Spare = () => Promise<DaemonConnection | null>;

export class SpareConnection {
  readonly #remote: RemoteDirectory;
  readonly #keptMs: number;
  readonly #now: () => number;
  #spare: Promise<Spare | null> | null = null;
  #abort: AbortController | null = null;
  #expiry: NodeJS.Timeout | null = null;
  #pausedUntil = 0;

  /** @param keptMs a daemon should not hold a place for somebody who does nothing; 0: nothing is opened ahead */
  constructor(remote: RemoteDirectory, keptMs: number, now: () => number) {
    this.#remote = remote;
    this.#keptMs = Math.min(keptMs, LONGEST_TIMER);
    this.#now = now;
  }

  /** Opens one in the background, unless it is there or was not to be had a short while ago. */
  warm(): void {
    if (this.#spare !== null || this.#keptMs === 0 || !this.#remote.canConnectAhead) return;
    if (this.#now() < this.#pausedUntil) return;
    const abort = new AbortController();
    this.#abort = abort;
    const failed = () => {
      // Whoever pushes next hears of it.
      if (!abort.signal.aborted) this.#pausedUntil = this.#now() + PAUSE_MS;
      return null;
    };
    const opened = this.#remote.connectAhead(abort.signal);
    const spare = opened.then((logIn) => () => logIn().catch(failed), failed);
    this.#hold(spare, this.#keptMs);
  }

  /** Keeps one that was opened by somebody else, instead of what there may be. */
  async keep(connection: DaemonConnection): Promise<void> {
    await this.drop();
    this.#hold(
      Promise.resolve(() => Promise.resolve(connection)),
      Math.max(this.#keptMs, USED_SOON_MS),
    );
  }

  #hold(spare: Promise<Spare | null>, keptMs: number): void {
    this.#spare = spare;
    this.#expiry = setTimeout(() => void this.drop(), keptMs).unref();
  }

  /** The spare connection, when one was opened that is still of use. */
  async take(): Promise<DaemonConnection | null> {
    const spare = this.#spare;
    if (spare === null) return null;
    this.#forget();
    const connection = (await (await spare)?.()) ?? null;
    if (connection === null || connection.isUsable) return connection;
    connection.close();
    return null;
  }

  /** Lets go of it. */
  async drop(): Promise<void> {
    const spare = this.#spare;
    this.#abort?.abort();
    this.#forget();
    (await (await spare)?.())?.close();
  }

  #forget(): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
    this.#spare = null;
    this.#abort = null;
  }
}
