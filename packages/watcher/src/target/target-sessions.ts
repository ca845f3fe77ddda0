/**
 * One session after the other with a target: each over a connection of its own, which may have been opened before.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type DaemonConnection,
  type RemoteDirectory,
  type RemoteRequestOptions,
  type RemoteResult,
  ToldOtherwise,
} from "tsrsync";
import type { TargetSettings } from "../config/settings.js";
import { isNear, type TargetAddress } from "./address.js";
import { bandwidthAt } from "./bandwidth.js";
import { targetErrorOf } from "./classify-failure.js";
import type { Notice } from "./push-problems.js";
import type { SpareConnection } from "./spare-connection.js";
import { TargetError } from "./target.js";

/** What a session is to be run with. */
export interface GivenSession {
  /** Connection, limits and who listens, for the request. */
  readonly request: RemoteRequestOptions;
  /** The line is slow enough for compression. */
  readonly compress: boolean;
}

export interface SessionParts {
  readonly remote: RemoteDirectory;
  readonly spare: SpareConnection;
  readonly address: TargetAddress;
  readonly settings: TargetSettings;
  readonly now: () => Date;
}

/** A session that came to its end, and what was said in it. */
export interface EndedSession<T> {
  readonly result: T;
  readonly notices: readonly Notice[];
}

/** A remote shell that did not even come to its command ends so. */
const SHELL_EXITS: ReadonlySet<number> = new Set([126, 127, 255]);

/** For so long after a session its place at the daemon may be taken: the process that served it says goodbye before it ends. */
const LEAVING_MS = 2000;
/** Whether it is free is asked so soon at first. */
const ASK_AGAIN_MS = 50;

export class TargetSessions {
  readonly #parts: SessionParts;
  /** Of the last session; `null` before the first. */
  protocol: number | null = null;
  #isNextNear = false;
  /** When the last session ended (`performance.now()`). */
  #endedAt = Number.NEGATIVE_INFINITY;
  /** A spare connection that was not for the last session. */
  #passedBy: DaemonConnection | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /**
   * Runs a session. `body` may be called a second time, when a connection that was opened ahead turns out to be of no use.
   * @throws TargetError, or the signal's reason
   */
  async run<T extends RemoteResult>(
    signal: AbortSignal | undefined,
    body: (given: GivenSession) => Promise<T>,
  ): Promise<EndedSession<T>> {
    signal?.throwIfAborted();
    const spare = await this.#parts.spare.take();
    if (spare === null) return this.#over(await this.#connect(signal), signal, body);
    const before = spare.bytesRead;
    try {
      return await this.#over(spare, signal, body);
    } catch (error) {
      if (error instanceof ToldOtherwise) return this.#beside(spare, signal, body);
      const isStale = error instanceof TargetError && error.failureClass === "unreachable";
      if (!isStale || spare.bytesRead !== before) throw error;
      return this.#over(await this.#connect(signal), signal, body);
    }
  }

  /** Another session begins at once, and one more is likely soon after it: they find their connections ready. */
  warm(): void {
    this.#isNextNear = true;
    this.#parts.spare.warm();
  }

  /**
   * Runs a session that `spare` was not opened for: that is for the next one, unless there is no place for two, or it was passed by
   * before.
   */
  async #beside<T extends RemoteResult>(
    spare: DaemonConnection,
    signal: AbortSignal | undefined,
    body: (given: GivenSession) => Promise<T>,
  ): Promise<EndedSession<T>> {
    const { remote } = this.#parts;
    const isFirstTime = spare !== this.#passedBy;
    this.#passedBy = spare;
    let connection: DaemonConnection | undefined;
    try {
      connection = await this.#connectOnce(signal);
      if (isFirstTime) await this.#parts.spare.keep(spare);
      else await remote.release(spare);
    } catch {
      await remote.release(spare);
      connection = await this.#connect(signal);
    }
    return this.#over(connection, signal, body);
  }

  /**
   * Opens a connection for the next session.
   * @throws TargetError, or the signal's reason
   */
  async prepare(signal: AbortSignal | undefined): Promise<void> {
    const connection = await this.#connect(signal);
    if (connection !== undefined) await this.#parts.spare.keep(connection);
  }

  /** Where there is no place for us right after a session of ours, that one's is waited for. */
  async #connect(signal: AbortSignal | undefined): Promise<DaemonConnection | undefined> {
    for (let waitMs = ASK_AGAIN_MS; ; waitMs *= 2) {
      try {
        return await this.#connectOnce(signal);
      } catch (error) {
        const isBusy = error instanceof TargetError && error.failureClass === "busy";
        if (!isBusy || performance.now() + waitMs > this.#endedAt + LEAVING_MS) throw error;
      }
      await sleep(waitMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }

  async #connectOnce(signal: AbortSignal | undefined): Promise<DaemonConnection | undefined> {
    const { remote } = this.#parts;
    if (!remote.canConnectAhead) return undefined;
    try {
      return await remote.connect(signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw targetErrorOf(error, [], false);
    }
  }

  async #over<T extends RemoteResult>(
    connection: DaemonConnection | undefined,
    signal: AbortSignal | undefined,
    body: (given: GivenSession) => Promise<T>,
  ): Promise<EndedSession<T>> {
    const { settings, now } = this.#parts;
    const notices: Notice[] = [];
    if (connection !== undefined) this.protocol = connection.protocol;
    const request: RemoteRequestOptions = {
      connection,
      signal,
      bandwidth: bandwidthAt(settings.bandwidth, now()),
      observer: {
        notice: ({ level, text }) => notices.push({ level, text }),
        closing: () => this.#openNext(),
      },
    };
    try {
      const result = await body({ request, compress: this.#compresses(connection) });
      this.protocol = result.protocol;
      return { result, notices };
    } catch (thrown) {
      signal?.throwIfAborted();
      if (thrown instanceof ToldOtherwise) throw thrown;
      const error = targetErrorOf(thrown, notices, connection !== undefined);
      if (connection !== undefined || SHELL_EXITS.has(error.exitCode)) throw error;
      throw targetErrorOf(thrown, notices, true);
    } finally {
      this.#endedAt = performance.now();
    }
  }

  /** While nothing is left of a session but the other end's goodbye. */
  #openNext(): void {
    if (!this.#isNextNear) return;
    this.#isNextNear = false;
    this.#parts.spare.warm();
  }

  #compresses(connection: DaemonConnection | undefined): boolean {
    const { settings, address } = this.#parts;
    const { compress } = settings.rsync;
    if (compress !== "auto") return compress;
    if (isNear(address.host)) return false;
    const remote = connection?.remoteAddress;
    return remote === undefined || !isNear(remote);
  }
}
