/**
 * Everything around a mirror that runs as a service: log lines, failure logs, metrics, alarms, status file and control socket,
 * opened and closed in the right order. Its hooks are the mirror's own.
 * @module
 */
import type { WatchSettings, WebSettings } from "../config/settings.js";
import { type ControlServer, openControlServer } from "../control/server.js";
import type { MirrorControl } from "../control/types.js";
import type { MirrorEventSource } from "../events/mirror-events.js";
import { type FailLogs, openFailLogs } from "../fail-log/fail-log.js";
import type { Hooks } from "../hooks/hooks.js";
import type { Logger } from "../log/logger.js";
import { logMirror } from "../log/mirror-lines.js";
import { createMetrics, type Metrics } from "../metrics/metrics.js";
import { openWebServer, type WebServer } from "../metrics/web-server.js";
import { createNotifier, type Notifier } from "../notify/notifier.js";
import { openStatusFile, type StatusFile } from "../status/status-file.js";

/** All of it, open. */
export interface Operations {
  /**
   * Takes over another configuration and the hooks that run by it. The control socket, the status file and what metrics have
   * counted stay. A web address that can not be had is an error in the log, and the one before goes on.
   */
  configure(settings: WatchSettings, hooks: Pick<Hooks, "figures">): Promise<void>;
  close(): Promise<void>;
}

/** What a configuration decides. */
interface Configured {
  notifier: Notifier;
  stopLog: () => void;
}

/** What lives as long as the mirror. */
interface Lasting {
  metrics: Metrics;
  failLogs: FailLogs;
  control: ControlServer;
  statusFile: StatusFile;
}

const isSameWeb = (a: WebSettings | null, b: WebSettings | null): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

class OpenOperations implements Operations {
  readonly #mirror: MirrorControl & MirrorEventSource;
  readonly #logger: Logger;
  #settings: WatchSettings;
  #configured: Configured;
  #hooks: Pick<Hooks, "figures"> | null = null;
  #web: WebServer | null = null;
  /** Filled one by one, so that what was opened is closed when the next can not be had. */
  readonly #lasting: Partial<Lasting> = {};

  constructor(settings: WatchSettings, mirror: MirrorControl & MirrorEventSource, logger: Logger) {
    this.#mirror = mirror;
    this.#logger = logger;
    this.#settings = settings;
    this.#configured = this.#attach(settings);
  }

  async open(): Promise<void> {
    const mirror = this.#mirror;
    const settings = this.#settings;
    const { stateDir } = settings.daemon;
    const status = (): ReturnType<MirrorControl["status"]> => mirror.status();
    const hooks = (): ReturnType<Hooks["figures"]> => this.#hooks?.figures() ?? [];
    this.#lasting.metrics = createMetrics(mirror, { status, hooks });
    this.#lasting.failLogs = await openFailLogs(settings, mirror, this.#logger);
    this.#lasting.control = await openControlServer(stateDir, mirror, this.#logger);
    this.#lasting.statusFile = openStatusFile(stateDir, status, mirror, this.#logger);
    await this.#openWeb(settings.web);
  }

  async configure(settings: WatchSettings, hooks: Pick<Hooks, "figures">): Promise<void> {
    this.#hooks = hooks;
    if (settings === this.#settings) return;
    const previous = this.#settings;
    this.#settings = settings;
    await this.#changeWeb(previous.web, settings.web);
    await this.#lasting.failLogs?.configure(settings);
    // In one go: while one configuration takes over from another, no event is told twice or to nobody.
    const over = this.#configured;
    this.#configured = this.#attach(settings);
    await detach(over);
  }

  async close(): Promise<void> {
    await this.#web?.close();
    await this.#lasting.control?.close();
    await detach(this.#configured);
    await this.#lasting.failLogs?.close();
    await this.#lasting.statusFile?.close();
    this.#lasting.metrics?.close();
  }

  #attach(settings: WatchSettings): Configured {
    const logger = this.#logger;
    const status = (): ReturnType<MirrorControl["status"]> => this.#mirror.status();
    const notifier = createNotifier(settings.notify, this.#mirror, { logger, status });
    return { notifier, stopLog: logMirror(settings, this.#mirror, logger) };
  }

  async #openWeb(web: WebSettings | null): Promise<void> {
    const { metrics } = this.#lasting;
    if (web === null || metrics === undefined) return;
    const status = (): ReturnType<MirrorControl["status"]> => this.#mirror.status();
    this.#web = await openWebServer(web, { status, metrics }, this.#logger);
  }

  /** The address may be the same one with other logins, so the old one has to go first. */
  async #changeWeb(previous: WebSettings | null, next: WebSettings | null): Promise<void> {
    if (isSameWeb(previous, next)) return;
    await this.#web?.close();
    this.#web = null;
    try {
      await this.#openWeb(next);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error("web address not opened, the one before goes on", { reason });
      await this.#openWeb(previous).catch((lost: unknown) =>
        this.#logger.error("web address lost", { reason: String(lost) }),
      );
    }
  }
}

/** Stops to listen at once; resolves when what was on is finished. */
async function detach({ notifier, stopLog }: Configured): Promise<void> {
  stopLog();
  await notifier.close();
}

/**
 * Opens everything. The state directory must be there, and locked.
 * @throws the first error; nothing stays open then
 */
export async function openOperations(
  settings: WatchSettings,
  mirror: MirrorControl & MirrorEventSource,
  logger: Logger,
): Promise<Operations> {
  const operations = new OpenOperations(settings, mirror, logger);
  try {
    await operations.open();
    return operations;
  } catch (error) {
    await operations.close();
    throw error;
  }
}
