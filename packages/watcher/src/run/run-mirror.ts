/**
 * A mirror as a service: with its log, its control socket, its files and its signals (spec 6, 8).
 * @module
 */
import type { DaemonUser, WatchSettings } from "../config/settings.js";
import type { ReloadResult } from "../control/types.js";
import { openJournal } from "../journal/journal.js";
import { createLog, type Log } from "../log/create-log.js";
import { logKernelEvent, logWatch } from "../log/kernel-lines.js";
import type { Mirror } from "../mirror/mirror.js";
import { openMirror } from "../mirror/open-mirror.js";
import { announce } from "../service/announce.js";
import { type Operations, openOperations } from "../service/operations.js";
import { openServiceManager, type ServiceManager } from "../service/service-manager.js";
import { assertCanLoad, becomeUser, userToBecome } from "./become-user.js";
import { compileForRareCalls } from "./engine.js";
import { handOver } from "./hand-over.js";
import { removePidFile, writePidFile } from "./pid-file.js";
import { keepFilesPrivate } from "./private-files.js";
import { followSignals } from "./signals.js";

/** How a mirror is run. */
export interface RunOptions {
  /** Reads the configuration again. @throws ConfigError */
  loadSettings: () => WatchSettings | Promise<WatchSettings>;
  /** Is called when all roots are live. */
  started?: () => void;
}

/** Something that was opened and wants to be closed. */
type Close = () => Promise<void> | void;

/**
 * Runs a mirror until a signal ends it.
 * @returns the exit code
 * @throws when it cannot start: the state directory is taken, the log cannot be opened, it cannot become the user that it should
 */
export async function runMirror(settings: WatchSettings, options: RunOptions): Promise<number> {
  const opened: Close[] = [keepFilesPrivate()];
  try {
    return await run(settings, options, opened);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

async function run(settings: WatchSettings, options: RunOptions, opened: Close[]): Promise<number> {
  const user = userToBecome(settings.daemon.user);
  if (user !== null) {
    assertCanLoad(user);
    handOver(settings, user);
    becomeUser(user);
  }
  const log = createLog(settings.log);
  opened.push(() => log.close());
  if (user !== null) await tellUser(user, options, log);
  for (const warning of settings.warnings) log.warn(warning);
  const { stateDir, pidFile } = settings.daemon;
  const manager = openServiceManager(process.env, log);
  opened.push(() => manager.close());
  const journal = await openJournal(stateDir, { warn: (text) => log.warn(text) });
  let operations: Operations | null = null;
  const mirror = openMirror(settings, {
    journal,
    logger: log,
    mayStandStill: true,
    loadSettings: async () => options.loadSettings(),
    async configured(changed, hooks) {
      log.setLevel(changed.log.level);
      await operations?.configure(changed, hooks);
    },
    ...(log.isEnabled("debug") ? { kernel: kernelLines(log) } : {}),
  });
  // Everything around the mirror listens to all of its events, and sees its last pushes: it ends after the mirror.
  mirror.setMaxListeners(0);
  opened.push(() => operations?.close());
  opened.push(() => mirror.close());
  operations = await openOperations(settings, mirror, log);
  if (pidFile !== null) {
    await writePidFile(pidFile);
    opened.push(() => removePidFile(pidFile));
  }
  const signals = followSignals({
    reload: () => reload(mirror, manager, log),
    reopen: () => log.reopen(),
    status: () => log.info("status", { status: JSON.stringify(mirror.status()) }),
  });
  opened.push(() => signals.stop());
  const started = mirror.start();
  opened.push(announce(manager, mirror, started));
  await Promise.race([started, signals.ended]);
  compileForRareCalls();
  options.started?.();
  const signal = await signals.ended;
  manager.stopping();
  log.info("stop", { signal });
  return 0;
}

/** What only root may read can not be read again. */
async function tellUser({ text }: DaemonUser, options: RunOptions, log: Log): Promise<void> {
  log.info("user", { user: text });
  try {
    await options.loadSettings();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn(`${text} can not read all of the configuration: it can not be reloaded`, { reason });
  }
}

async function reload(mirror: Mirror, manager: ServiceManager, log: Log): Promise<void> {
  manager.reloading();
  try {
    tellReload(await mirror.reload(), log);
  } catch (error) {
    log.error("the configuration is wrong: everything goes on as it was", {
      reason: error instanceof Error ? error.message : String(error),
    });
  }
  manager.ready();
}

function tellReload({ added, removed, changed, warnings }: ReloadResult, log: Log): void {
  const names = (roots: readonly string[]) => roots.join(",") || undefined;
  log.info("reload", { added: names(added), removed: names(removed), changed: names(changed) });
  for (const warning of warnings) log.warn(warning);
}

function kernelLines(log: Log) {
  return (root: string) => ({
    watched: (wd: number, path: string) => logWatch(log, root, path, wd),
    event: (wd: number, name: string, mask: number) => logKernelEvent(log, wd, name, mask),
  });
}
