/**
 * The command `tsrsync --daemon`: configuration, log, sockets, workers, signals (spec 5-daemon, 5.2).
 * @module
 */
import { once } from "node:events";
import { statSync } from "node:fs";
import type { Socket } from "node:net";
import { ExitCode, RsyncError, StartError } from "@tsrsync/protocol";
import type { Settings } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  algorithmListsOf,
  type ErrorOrigin,
  lastWords,
  pathBytes,
  totalsText,
} from "@tsrsync/transfer";
import { resolveModuleIdentity } from "./auth/index.js";
import { ConfigError, type DaemonConfig, loadConfig } from "./config/index.js";
import { detach, reportStart } from "./daemon/detach.js";
import { PidFile } from "./daemon/pid-file.js";
import type { Admission } from "./listener/connection.js";
import { Listener } from "./listener/listener.js";
import { DaemonLog, startingText } from "./log/index.js";
import { readMotd } from "./motd.js";
import type { SessionRequest } from "./session/session-request.js";
import { VERSION } from "./version.js";
import { WorkerPool } from "./worker/worker-pool.js";

const DEFAULT_CONFIG = "/etc/rsyncd.conf";
const DEFAULT_PORT = 873;
const ORIGIN: ErrorOrigin = { file: "tsrsyncd", line: 0, role: "Receiver", version: VERSION };

/** The process around the daemon. */
export interface DaemonWorld {
  settings: Settings;
  environment: Readonly<Record<string, string | undefined>>;
  /** Aborted when the process is told to end. */
  signal: AbortSignal;
  writeError(text: string): void;
}

/** Runs the daemon until it is told to end. */
export async function runDaemon(world: DaemonWorld): Promise<ExitCode> {
  const { settings, environment } = world;
  const file = settings.config ?? DEFAULT_CONFIG;
  const load = (part: "all" | "global") =>
    loadConfig(file, { env: environment, dparams: settings.dparam, part });
  let config: DaemonConfig;
  try {
    config = load("global");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    world.writeError(`${error.message}\nFailed to parse config file: ${file}\n`);
    return ExitCode.Usage;
  }
  if (settings.detach) return detach(environment, world.writeError);
  const daemon = new Daemon(world, config, () => load("all"));
  return daemon.run();
}

class Daemon {
  readonly #world: DaemonWorld;
  readonly #global: DaemonConfig;
  readonly #load: () => DaemonConfig;
  readonly #log: DaemonLog;
  readonly #pool: WorkerPool;
  /** Sessions in progress, by the pool's id; called when one ends. */
  readonly #sessions = new Map<number, () => void>();

  constructor(world: DaemonWorld, global: DaemonConfig, load: () => DaemonConfig) {
    this.#world = world;
    this.#global = global;
    this.#load = load;
    const { logFile } = world.settings;
    this.#log = new DaemonLog(logFile ?? global.defaults.logFile, {
      isForModules: logFile !== null,
    });
    this.#pool = new WorkerPool({
      log: (text, file, pid) => this.#log.write(text, { file, pid }),
      ended: (id) => this.#ended(id),
    });
  }

  async run(): Promise<ExitCode> {
    const { signal } = this.#world;
    const pidFile = await this.#writePidFile();
    if (pidFile === "failed") {
      this.#pool.close();
      return ExitCode.FileIo;
    }
    try {
      const listener = this.#makeListener();
      await this.#listen(listener);
      await reportStart(this.#world.environment, { failure: null });
      for (const warning of this.#global.warnings) this.#log.write(warning);
      if (!signal.aborted) await once(signal, "abort");
      await listener.close();
      this.#log.write(totalsText(0, 0, 0));
      return ExitCode.Ok;
    } catch (error) {
      const failure = RsyncError.from(error, ExitCode.SocketIo);
      await this.#tellFailure(lastWords(failure, ORIGIN));
      return failure.exitCode;
    } finally {
      this.#pool.close();
      pidFile?.remove();
    }
  }

  async #tellFailure(failure: string): Promise<void> {
    const { environment, writeError } = this.#world;
    for (const line of failure.split("\n")) this.#log.write(line);
    writeError(`${failure}\n`);
    await reportStart(environment, { failure });
  }

  async #writePidFile(): Promise<PidFile | null | "failed"> {
    const { pidFile } = this.#global.global;
    if (pidFile === "") return null;
    try {
      return PidFile.write(pidFile);
    } catch (error) {
      await this.#tellFailure(RsyncError.from(error).message);
      return "failed";
    }
  }

  #makeListener(): Listener {
    return new Listener({
      config: () => this.#configNow(),
      log: (text) => this.#log.write(text),
      motd: readMotd,
      serve: (admission, request, socket) => this.#serve(admission, request, socket),
      algorithmLists: algorithmListsOf(this.#world.environment),
      bwlimit: this.#world.settings.bwlimit,
    });
  }

  /** The file is read for each connection, so an edit counts from the next one on. */
  #configNow(): DaemonConfig {
    const config = this.#load();
    for (const warning of config.warnings) this.#log.write(warning);
    return config;
  }

  async #listen(listener: Listener): Promise<void> {
    const { settings } = this.#world;
    const { global } = this.#global;
    const port = settings.port || global.port || DEFAULT_PORT;
    const address = settings.address ?? (global.address || null);
    this.#log.write(startingText(VERSION, port));
    const family = settings.addressFamily ?? undefined;
    await listener.listen(
      { port, address, backlog: global.listenBacklog, family },
      settings.sockopts ?? global.socketOptions,
    );
  }

  /** Hands a client over to a worker of the module's identity, and waits until the session is over. */
  async #serve(admission: Admission, request: SessionRequest, socket: Socket): Promise<void> {
    const { module, initial } = admission;
    const resolved = resolveModuleIdentity(module);
    if (!resolved.ok) {
      this.#log.write(resolved.log);
      throw new StartError(resolved.client);
    }
    const { uid, gid, groups } = resolved.identity;
    const { path, insecureLinks } = module;
    const inode = inodeOf(path);
    const identity = { path, inode, uid, gid, groups: [...groups], insecureLinks };
    const id = this.#pool.serve(identity, request, socket, initial);
    await new Promise<void>((resolve) => this.#sessions.set(id, resolve));
  }

  #ended(id: number): void {
    this.#sessions.get(id)?.();
    this.#sessions.delete(id);
  }
}

/** The directory behind a path, by device and number. @throws StartError with the line for the client. */
function inodeOf(path: ByteString): string {
  try {
    const { dev, ino } = statSync(pathBytes(path), { bigint: true });
    return `${dev}:${ino}`;
  } catch (cause) {
    throw new StartError("@ERROR: chdir failed", { cause });
  }
}
