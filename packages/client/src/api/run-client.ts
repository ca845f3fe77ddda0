/**
 * One run of a client: over whatever connection the paths ask for.
 * @module
 */
import type { ExitCode } from "@tsrsync/protocol";
import type { ResolvedSettings, Transfer } from "@tsrsync/protocol/arguments";
import { blankEndWarnings } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type FilterSetup,
  loadCharset,
  type NameList,
  ownCharset,
  type TransferObserver,
  type TransferStatistics,
} from "@tsrsync/transfer";
import { type BatchFile, type CommandLine, createBatchFile } from "./batch-file.js";
import type { PushSource } from "./client-roles.js";
import { connectToDaemon } from "./connect-to-daemon.js";
import { type DaemonConnection, logInTo } from "./daemon-connection.js";
import { conductWithDaemon } from "./daemon-session.js";
import { debugLine } from "./debug-line.js";
import { readFilters } from "./filters.js";
import { nameListOf } from "./name-file.js";
import { runBatch } from "./run-batch.js";
import { runLocal } from "./run-local.js";
import { runOverShell } from "./run-over-shell.js";
import { type StopWatch, startStopWatch } from "./stop-time.js";

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

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
  environment: Environment;
  signal?: AbortSignal | undefined;
  /** For the script of a batch. */
  commandLine: CommandLine;
  /** What a push sends, when its arguments do not say it all. */
  push?: PushSource | undefined;
  /** The list that `--files-from` stands for, when it is in no file. */
  names?: NameList | undefined;
  /** A daemon that has let us in already, with these settings. The run uses it up. */
  connection?: DaemonConnection | undefined;
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
    debugLine(asked, "FILTER", () => `[client] ${warning}`);
  }
  const filesFrom = asked.names ?? nameListOf(settings, transfer);
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
  const connection = run.connection ?? (await logInTo(run, await connectToDaemon(run)));
  try {
    return await conductWithDaemon(run, connection);
  } finally {
    connection.close();
  }
}
