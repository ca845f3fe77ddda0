/**
 * `-d`: the same command once more, in the background, with a log file.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WatchSettings } from "../config/settings.js";
import { asUser, userToBecome } from "../run/become-user.js";
import { handOver } from "../run/hand-over.js";
import { WatchExit } from "./exit-code.js";

/** Tells a process that it is the one in the background. */
const DETACHED = "TSRSYNC_WATCH_DETACHED";
/** Walking a large tree may take longer; the process is left to it then. */
const START_TIMEOUT_MS = 30_000;
const STARTED = "started";

/** Whether this process is the one in the background. */
export function isDetached(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment[DETACHED] === "1";
}

/** Tells whoever started this process in the background that it mirrors now. */
export function tellStarted(proc: NodeJS.Process): void {
  if (proc.send === undefined) return;
  proc.send(STARTED, () => proc.disconnect());
}

/** What a start in the background needs. */
export interface DaemonStart {
  readonly proc: NodeJS.Process;
  readonly settings: WatchSettings;
  readonly words: readonly string[];
  out(line: string): void;
  error(line: string): void;
}

/** Starts the command again without a terminal, and waits until it mirrors. */
export async function startDaemon({
  proc,
  settings,
  words,
  out,
  error,
}: DaemonStart): Promise<WatchExit> {
  const logPath = settings.log.file ?? join(settings.daemon.stateDir, "watch.log");
  const log = openLog(logPath, settings);
  const before = fstatSync(log).size;
  const child = spawn(proc.execPath, [...proc.execArgv, proc.argv[1]!, ...words], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    env: { ...proc.env, [DETACHED]: "1" },
  });
  closeSync(log);
  const end = await startOrEnd(child);
  if (end !== null) {
    for (const line of readFileSync(logPath)
      .subarray(before)
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .slice(-10))
      error(line);
    error("tsrsync-watch: it did not start");
    return end;
  }
  if (child.connected) child.disconnect();
  child.unref();
  out(`tsrsync-watch: process ${child.pid} mirrors in the background; log ${logPath}`);
  return WatchExit.Ok;
}

/** Opens the log as the user that will write to it. @throws UsageError, or the system's error */
function openLog(path: string, settings: WatchSettings): number {
  const user = userToBecome(settings.daemon.user);
  if (user !== null) handOver(settings, user);
  return asUser(user, () => {
    mkdirSync(settings.daemon.stateDir, { recursive: true, mode: 0o700 });
    return openSync(path, "a", 0o600);
  });
}

/** Null once it mirrors (or still walks after a while), else its exit code. */
function startOrEnd(child: ChildProcess): Promise<WatchExit | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), START_TIMEOUT_MS);
    const settle = (result: WatchExit | null) => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once("message", () => settle(null));
    child.once("error", () => settle(WatchExit.Failed));
    child.once("exit", (code) => settle(code ?? WatchExit.Failed));
  });
}
