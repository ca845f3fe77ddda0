/**
 * The status as a file, for whoever can not talk to the control socket: `status.json` in the state directory.
 * @module
 */
import { join } from "node:path";
import type { MirrorStatus, TargetState } from "../control/types.js";
import { listenAll } from "../events/listen.js";
import type { MirrorEventSource } from "../events/mirror-events.js";
import type { Logger } from "../log/logger.js";
import { createPacedWriter } from "./paced-writer.js";

const INTERVAL_MS = 1000;
/** Under load the figures change all the time, and writing them is no small part of what a few files per second cost. */
const FIGURES_MS = 5000;

/** A status file that follows its mirror. */
export interface StatusFile {
  readonly path: string;
  /** Writes it a last time. */
  close(): Promise<void>;
}

function isAtWork(state: TargetState): boolean {
  return state === "idle" || state === "pushing";
}

/** Keeps the file: written only when something happened, at most once a second, and every five for figures. */
export function openStatusFile(
  stateDir: string,
  status: () => MirrorStatus,
  events: MirrorEventSource,
  logger: Logger,
): StatusFile {
  const path = join(stateDir, "status.json");
  const writer = createPacedWriter({
    path,
    mode: 0o600,
    intervalMs: INTERVAL_MS,
    contents: () => Buffer.from(`${JSON.stringify(status(), null, 2)}\n`),
    failed: (error) => logger.warn("status file not written", { path, reason: String(error) }),
  });
  const touch = (): void => writer.touch();
  const count = (): void => writer.touch(FIGURES_MS);
  const stop = listenAll(events, {
    change: count,
    pushed: count,
    failed: touch,
    idle: count,
    // A push begins and ends: that is no news.
    state: ({ state, previous }) => (isAtWork(state) && isAtWork(previous) ? count() : touch()),
    root: touch,
    overflow: touch,
    guard: touch,
    held: touch,
    watchLimit: touch,
    fullSync: touch,
    verified: touch,
  });
  touch();
  return {
    path,
    async close() {
      stop();
      touch();
      await writer.close();
    },
  };
}
