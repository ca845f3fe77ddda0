/**
 * A connection that is opened and logged in before it is needed (spec 6, 3.4 "fixed cost of a connection").
 * @module
 */
import type { DaemonConnection, RemoteDirectory } from "tsrsync";

/** A daemon should not hold a place for somebody who does nothing. */
const KEPT_MS = 30_000;
/** After a spare could not be had (all places taken, say), none is asked for so long. */
const PAUSE_MS = 60_000;

export class SpareConnection {
  readonly #remote: RemoteDirectory;
  readonly #now: () => number;
  #spare: Promise<DaemonConnection | null> | null = null;
  #abort: AbortController | null = null;
  #expiry: NodeJS.Timeout | null = null;
  #pausedUntil = 0;

  constructor(remote: RemoteDirectory, now: () => number) {
    this.#remote = remote;
    this.#now = now;
  }

  /** Opens one in the background, unless it is there or was not to be had a short while ago. */
  warm(): void {
    if (this.#spare !== null || !this.#remote.canConnectAhead) return;
    if (this.#now() < this.#pausedUntil) return;
    const abort = new AbortController();
    this.#abort = abort;
    const opened = this.#remote.connect(abort.signal).catch(() => {
      // Whoever pushes next hears of it.
      if (!abort.signal.aborted) this.#pausedUntil = this.#now() + PAUSE_MS;
      return null;
    });
    this.#hold(opened);
  }

  /** Keeps one that was opened by somebody else, instead of what there may be. */
  async keep(connection: DaemonConnection): Promise<void> {
    await this.drop();
    this.#hold(Promise.resolve(connection));
  }

  #hold(spare: Promise<DaemonConnection | null>): void {
    this.#spare = spare;
    this.#expiry = setTimeout(() => void this.drop(), KEPT_MS).unref();
  }

  /** The spare connection, when one was opened that is still of use. */
  async take(): Promise<DaemonConnection | null> {
    const spare = this.#spare;
    if (spare === null) return null;
    this.#forget();
    const connection = await spare;
    if (connection === null || connection.isUsable) return connection;
    connection.close();
    return null;
  }

  /** Lets go of it. */
  async drop(): Promise<void> {
    const spare = this.#spare;
    this.#abort?.abort();
    this.#forget();
    (await spare)?.close();
  }

  #forget(): void {
    if (this.#expiry !== null) clearTimeout(this.#expiry);
    this.#expiry = null;
    this.#spare = null;
    this.#abort = null;
  }
}
