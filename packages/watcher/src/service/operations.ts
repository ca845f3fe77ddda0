/**
 * Everything around a mirror that runs as a service: log lines, failure logs, hooks, metrics, alarms, status file and control
 * socket, opened and closed in the right order.
 * @module
 */
import type { WatchSettings, WebSettings } from "../config/settings.js";
import { type ControlServer, openControlServer } from "../control/server.js";
import type { MirrorControl } from "../control/types.js";
import type { MirrorEventSource } from "../events/mirror-events.js";
import { type FailLogs, openFailLogs } from "../fail-log/fail-log.js";
import type { HookContext } from "../hooks/hook-context.js";
import { createHooks, type Hooks } from "../hooks/hooks.js";
import type { Logger } from "../log/logger.js";
import { logMirror } from "../log/mirror-lines.js";
import { createMetrics, type Metrics } from "../metrics/metrics.js";
import { openWebServer, type WebServer } from "../metrics/web-server.js";
import { createNotifier, type Notifier } from "../notify/notifier.js";
import { openStatusFile, type StatusFile } from "../status/status-file.js";

/** What they are for. */
export interface OperationsContext {
  mirror: MirrorControl;
  events: MirrorEventSource;
  logger: Logger;
  readPassword: HookContext["readPassword"];
}

/** All of it, open. */
export interface Operations {
  /** See {@link Hooks.beforeFullSync}. */
  beforeFullSync: Hooks["beforeFullSync"];
  /**
   * Takes over another configuration. The control socket, the status file and what metrics have counted stay. Rejects, with
   * everything as it was, when a part of the new configuration can not be had.
   */
  reload(settings: WatchSettings): Promise<void>;
  close(): Promise<void>;
}

/** What a configuration decides and a reload replaces. */
interface Configured {
  settings: WatchSettings;
  hooks: Hooks;
  notifier: Notifier;
  stopLog: () => void;
}

/** What lives as long as the mirror. */
interface Lasting {
  failLogs: FailLogs;
  metrics: Metrics;
  statusFile: StatusFile;
  control: ControlServer;
}

/** In one go: while one configuration takes over from another, no event is told twice or to nobody. */
function attach(settings: WatchSettings, context: OperationsContext): Configured {
  const { mirror, events, logger, readPassword } = context;
  const { stateDir } = settings.daemon;
  const hooks = createHooks(settings, events, { stateDir, logger, readPassword });
  const status = (): ReturnType<MirrorControl["status"]> => mirror.status();
  const notifier = createNotifier(settings.notify, events, { logger, status });
  return { settings, hooks, notifier, stopLog: logMirror(settings, events, logger) };
}

/** Stops to listen at once; resolves when what was on is finished. */
async function detach({ hooks, notifier, stopLog }: Configured): Promise<void> {
  stopLog();
  await Promise.all([hooks.close(), notifier.close()]);
}

const isSameWeb = (a: WebSettings | null, b: WebSettings | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

class OpenOperations implements Operations {
  readonly #context: OperationsContext;
  #configured: Configured;
  #web: WebServer | null = null;
  /** Filled one by one, so that what was opened is closed when the next can not be had. */
  readonly #lasting: Partial<Lasting> = {};

  constructor(context: OperationsContext, configured: Configured) {
    this.#context = context;
    this.#configured = configured;
  }

  async open(): Promise<void> {
    const { mirror, events, logger } = this.#context;
    const { settings } = this.#configured;
    const { stateDir } = settings.daemon;
    const status = (): ReturnType<MirrorControl["status"]> => mirror.status();
    const hooks = (): ReturnType<Hooks["figures"]> => this.#configured.hooks.figures();
    this.#lasting.metrics = createMetrics(events, { status, hooks });
    this.#lasting.failLogs = await openFailLogs(settings, events, logger);
    this.#lasting.control = await openControlServer(stateDir, mirror, logger);
    this.#lasting.statusFile = openStatusFile(stateDir, status, events, logger);
    await this.#openWeb(settings.web);
  }

  async #openWeb(web: WebSettings | null): Promise<void> {
    const { metrics } = this.#lasting;
    if (web === null || metrics === undefined) return;
    const { mirror, logger } = this.#context;
    this.#web = await openWebServer(web, { status: () => mirror.status(), metrics }, logger);
  }

  async beforeFullSync(root: string, target: string, signal?: AbortSignal): Promise<void> {
    await this.#configured.hooks.beforeFullSync(root, target, signal);
  }

  async reload(settings: WatchSettings): Promise<void> {
    const previous = this.#configured;
    await this.#reloadWeb(previous.settings.web, settings.web);
    await this.#lasting.failLogs?.configure(settings);
    this.#configured = attach(settings, this.#context);
    await detach(previous);
  }

  /** The address may be the same one with other logins, so the old one has to go first; it comes back when the new fails. */
  async #reloadWeb(previous: WebSettings | null, next: WebSettings | null): Promise<void> {
    if (isSameWeb(previous, next)) return;
    await this.#web?.close();
    this.#web = null;
    try {
      await this.#openWeb(next);
    } catch (error) {
      await this.#openWeb(previous);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#web?.close();
    await this.#lasting.control?.close();
    await detach(this.#configured);
    await this.#lasting.failLogs?.close();
    await this.#lasting.statusFile?.close();
    this.#lasting.metrics?.close();
  }
}

/**
 * Opens everything. The state directory must be there, and locked.
 * @throws the first error; nothing stays open then
 */
export async function openOperations(
  settings: WatchSettings,
  context: OperationsContext,
): Promise<Operations> {
  const operations = new OpenOperations(context, attach(settings, context));
  try {
    await operations.open();
    return operations;
  } catch (error) {
    await operations.close();
    throw error;
  }
}
