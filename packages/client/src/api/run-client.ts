/**
 * One run of a client: over whatever connection the paths ask for.
 * @module
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ExitCode } from "@tsrsync/protocol";
import type { ResolvedSettings, Transfer } from "@tsrsync/protocol/arguments";
import { blankEndWarnings } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type FilterSetup,
  loadCharset,
  type NameList,
  ownCharset,
  setSocketOptions,
  type TransferObserver,
  type TransferStatistics,
} from "@tsrsync/transfer";
import { startConnectProgram } from "../transport/connect-program.js";
import { askProxy, parseProxy } from "../transport/http-proxy.js";
import { connectTcp } from "../transport/tcp.js";
import { type BatchFile, type CommandLine, createBatchFile } from "./batch-file.js";
import { runWithDaemon } from "./daemon-session.js";
import { debugLine } from "./debug-line.js";
import { DEFAULT_PORT } from "./default-port.js";
import { readFilters } from "./filters.js";
import { nameListOf } from "./name-file.js";
import { runBatch } from "./run-batch.js";
import { runLocal } from "./run-local.js";
import { runOverShell } from "./run-over-shell.js";
import { type StopWatch, startStopWatch } from "./stop-time.js";

/** What to do, and whom to tell. */
export interface ClientRun {
  settings: ResolvedSettings;
  transfer: Transfer;
  observer: TransferObserver;
  /** Called only when the daemon asks for it. */
  password: () => Promise<Uint8Array>;
  /** User for the login when the address names none. */
  defaultUser: ByteString;
  /** A line of the message of the day, or of the module list. */
  onText: (line: ByteString) => void;
  /** What the remote shell is started with; `RSYNC_RSH` and `RSYNC_CHECKSUM_LIST` count here, too. */
  environment: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal | undefined;
  /** For the script of a batch. */
  commandLine: CommandLine;
}

/** A run whose filter options were read, and whose list of names was opened. */
export interface FilteredRun extends ClientRun {
  filters: FilterSetup;
  filesFrom: NameList | null;
  /** Where the session is recorded, if it is. */
  recorder: BatchFile | null;
}

export interface ClientResult {
  exitCode: ExitCode;
  /** `null` when modules were listed. */
  statistics: TransferStatistics | null;
  protocol: number;
}

/** A run that only has to be carried out. */
export interface PreparedRun {
  run: Omit<FilteredRun, "recorder">;
  watch: StopWatch;
}

/** Reads what the options name. @throws RsyncError for what is wrong with it, before anybody else is involved. */
export async function prepareRun(asked: ClientRun): Promise<PreparedRun> {
  const { settings, transfer, environment } = asked;
  const charset = ownCharset(settings.iconv, false, environment);
  if (charset !== null) await loadCharset(charset); // one that does not exist is told before anybody is bothered
  const watch = startStopWatch(settings, asked.signal);
  const filters = readFilters(asked);
  for (const warning of blankEndWarnings(filters.rules)) {
    debugLine(asked, "FILTER", `[client] ${warning}`);
  }
  const filesFrom = nameListOf(settings, transfer);
  return { run: { ...asked, signal: watch.signal, filters, filesFrom }, watch };
}

/** Carries out a run. @throws RsyncError when it could not come to its orderly end. */
export async function runClient({ run, watch }: PreparedRun): Promise<ClientResult> {
  const recorder = createBatchFile(run.settings, run.filters, run.commandLine);
  try {
    return await runOverTransport({ ...run, recorder });
  } finally {
    recorder?.close();
    watch.cancel();
  }
}

async function runOverTransport(run: FilteredRun): Promise<ClientResult> {
  if (run.settings.batchMode === "read") return runBatch(run);
  switch (run.transfer.transport) {
    case "local":
      return runLocal(run);
    case "daemon":
      return runOverTcp(run);
    case "shell":
    case "daemon-shell":
      return runOverShell(run);
  }
}

async function runOverTcp(run: FilteredRun): Promise<ClientResult> {
  const stream = await connect(run);
  try {
    return await runWithDaemon(run, stream);
  } finally {
    stream.on("error", () => {}); // the run is over: how the connection ends is of no interest
    stream.end(() => stream.destroy());
    stream.resume();
  }
}

async function connect(run: FilteredRun): Promise<Duplex> {
  const { settings, transfer, environment, signal } = run;
  const remote = transfer.remote!;
  const host = Buffer.from(remote.host, "latin1").toString("utf8");
  const program = environment["RSYNC_CONNECT_PROG"];
  if (program) return startConnectProgram(program, host, environment);
  const port = remote.port ?? DEFAULT_PORT;
  const proxyText = environment["RSYNC_PROXY"];
  const proxy = proxyText ? parseProxy(proxyText) : null;
  debugLine(run, "CONNECT", `opening tcp connection to ${remote.host} port ${port}`);
  const socket = await connectTcp({
    host: proxy?.host ?? host,
    port: proxy?.port ?? port,
    connectTimeout: settings.contimeout,
    role: transfer.direction === "push" ? "sender" : "Receiver",
    ...(settings.addressFamily === null ? {} : { family: settings.addressFamily }),
    ...(settings.address === null ? {} : { localAddress: settings.address }),
    ...(signal === undefined ? {} : { signal }),
  });
  tellSocketOptions(run, socket);
  if (proxy !== null) await throughProxy(socket, () => askProxy(socket, host, port, proxy));
  return socket;
}

function tellSocketOptions({ settings, transfer, observer }: FilteredRun, socket: Socket): void {
  if (settings.sockopts === null) return;
  const role = transfer.direction === "push" ? "sender" : "Receiver";
  for (const line of setSocketOptions(socket, settings.sockopts, role)) {
    observer.notice?.({ level: "error", text: `${line}\n`, remote: false });
  }
}

/** A proxy that does not come to the point is let go. */
async function throughProxy(socket: Socket, ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  }
}
