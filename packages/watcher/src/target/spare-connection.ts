/**
 * A connection that is opened and logged in before it is needed (spec 6, 3.4 "fixed cost of a connection"). Where the daemon is known
 * well enough it has been told what the next push begins with, too, and waits for nothing but names.
 * @module
 */
import { type Watch, Watchdog } from "@tsrsync/transfer";
import type { ConnectionAhead, DaemonConnection, RemoteDirectory } from "tsrsync";
import { LONGEST_TIMER } from "../config/units.js";

/** One that was opened for what comes next is kept so long at least. */
const USED_SOON_MS = 5000;
/** One whose daemon has begun with the push is kept no longer. */
const TOLD_MS = 2000;
/** After a spare could not be had (all places taken, say), none is asked for so long. */
const PAUSE_MS = 60_000;

/** One that goes out of use is not ended in good order for longer. */
const GRACE_MS = 2000;

/** `null` when it could not be opened. */
type Spare = Promise<ConnectionAhead | null>;

export class SpareConnection {
  readonly #remote: RemoteDirectory;
  readonly #keptMs: number;
  readonly #now: () => number;
  readonly #watchdog = new Watchdog();
  #spare: Spare | null = null;
  /** Ends the opening of those that are dropped. */
  #abort: AbortController | null = null;
  #expiry: Watch | null = null;
  #isTold = false;
  #pausedUntil = 0;

  /** @param keptMs a daemon should not hold a place for somebody who does nothing; 0: nothing is opened ahead */
  constructor(remote: RemoteDirectory, keptMs: number, now: () => number) {
    this.#remote = remote;
    this.#keptMs = Math.min(keptMs, LONGEST_TIMER);
    this.#now = now;
  }

  /** Opens one in the background for a push like the last one, unless it is there or was not to be had a short while ago. */
  warm(): void {
    if (this.#spare !== null || this.#keptMs === 0 || !this.#remote.canConnectAhead) return;
    if (this.#now() < this.#pausedUntil) return;
    this.#abort ??= new AbortController();
    const { signal } = this.#abort;
    const spare = this.#remote.connectAhead(signal, true).then(
      (opened) => {
        if (opened.isTold && this.#spare === spare) this.#told();
        return opened;
      },
      () => {
        if (!signal.aborted) this.#pause();
        return null;
      },
    );
    this.#hold(spare, this.#keptMs);
  }

  /** Keeps one that was opened by somebody else, instead of what there may be. */
  async keep(connection: DaemonConnection): Promise<void> {
    await this.drop();
    const isTold = connection.opening !== null;
    const opened = { isTold, logIn: () => Promise.resolve(connection) };
    this.#hold(Promise.resolve(opened), Math.max(this.#keptMs, USED_SOON_MS));
    if (isTold) this.#told();
  }

  #hold(spare: Spare, keptMs: number): void {
    this.#spare = spare;
    this.#expireIn(keptMs);
  }

  #told(): void {
    this.#isTold = true;
    this.#expireIn(Math.min(this.#keptMs, TOLD_MS));
  }

  #expireIn(ms: number): void {
    if (this.#expiry !== null) this.#watchdog.stop(this.#expiry);
    this.#expiry = this.#watchdog.start(ms, () => void this.drop());
  }

  /** Whoever pushes next hears of it. */
  #pause(): void {
    this.#pausedUntil = this.#now() + PAUSE_MS;
  }

  /** The spare connection, when one was opened that is still of use. */
  async take(): Promise<DaemonConnection | null> {
    const spare = this.#spare;
    if (spare === null) return null;
    this.#forget();
    const connection = (await (await spare)?.logIn().catch(() => this.#pause())) ?? null;
    if (connection === null || connection.isUsable) return connection;
    connection.close();
    return null;
  }

  /** Lets go of it. */
  async drop(): Promise<void> {
    const spare = this.#spare;
    const abort = this.#abort;
    const isTold = this.#isTold;
    this.#forget();
    if (spare === null) return;
    this.#abort = null;
    const end = () => abort?.abort();
    if (!isTold) end();
    const grace = setTimeout(end, GRACE_MS);
    const connection = await (await spare)?.logIn().catch(() => null);
    if (connection) await this.#remote.release(connection);
    clearTimeout(grace);
  }

  #forget(): void {
    if (this.#expiry !== null) this.#watchdog.stop(this.#expiry);
    this.#expiry = null;
    this.#spare = null;
    this.#isTold = false;
  }
}
