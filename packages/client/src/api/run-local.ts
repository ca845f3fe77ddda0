/**
 * A copy on this machine: sender and receiving side in one process, and the protocol between them (spec 4-command, 10).
 * @module
 */
import type { Duplex } from "node:stream";
import {
  allowsIncrementalRecursion,
  clientCapabilities,
  parseServerRequest,
  type ResolvedSettings,
  type ServerSession,
  serverArguments,
} from "@tsrsync/protocol/arguments";
import {
  algorithmListsOf,
  conductSession,
  type LogOwner,
  ownCharset,
  RemoteExit,
  runReceiver,
  ServerObserver,
  type Session,
  type SessionLog,
  setUpSession,
  systemIdentities,
  type TransferObserver,
  type TransferOptions,
  transferOptionsFrom,
} from "@tsrsync/transfer";
import { memoryPair } from "../transport/memory-pair.js";
import { localDestination, transferFiles } from "./client-roles.js";
import { lastWordsOf } from "./last-words.js";
import { openLog } from "./open-log.js";
import type { ClientResult, FilteredRun } from "./run-client.js";

/** Copies, or lists what would be copied. @throws RsyncError of the side that failed. */
export async function runLocal(run: FilteredRun): Promise<ClientResult> {
  const { settings, transfer } = run;
  const told = receiverSettings(run);
  const log = receiverLog(run, told);
  const observer = new ServerObserver(told, log ?? {});
  const [senderEnd, receiverEnd] = memoryPair();
  const failures: { error: unknown; ofSender: boolean }[] = [];
  const noted =
    (ofSender: boolean) =>
    (error: unknown): null => {
      failures.push({ error, ofSender });
      return null;
    };
  const [sender, receiver] = await Promise.all([
    runSide(run, { end: senderEnd, isServer: false, settings, observer: run.observer }, (session) =>
      transferFiles(session, transfer, run.push),
    ).catch(noted(true)),
    runSide(
      run,
      { end: receiverEnd, isServer: true, settings: told, observer },
      async (session) => {
        observer.session = session;
        const destination = localDestination(session, transfer.destination);
        await runReceiver(session, destination, systemIdentities());
        const { input, output, statistics } = session;
        log?.totals(output.bytesWritten, input.bytesRead, statistics.totalSize);
      },
    ).catch(noted(false)),
  ]);
  if (sender === null || receiver === null) throw firstFailure(failures);
  const exitCode = Math.max(sender.exitCode(), receiver.exitCode());
  return { exitCode, statistics: sender.statistics, protocol: settings.protocol };
}

interface Side {
  end: Duplex;
  isServer: boolean;
  settings: ResolvedSettings;
  observer: TransferObserver;
}

/** One side from its set-up to its end. Only the client listens to the user's wish to stop: it tells the other one. */
async function runSide(
  run: FilteredRun,
  { end, isServer, settings, observer }: Side,
  roles: (session: Session) => Promise<void>,
): Promise<Session> {
  try {
    const session = await setUpSession({
      stream: end,
      initialBytes: new Uint8Array(0),
      isServer,
      isSender: !isServer,
      isLocal: true,
      protocol: run.settings.protocol,
      capabilities: clientCapabilities(run.settings, asServed(run)),
      allowsIncremental: allowsIncrementalRecursion(settings, isServer),
      options: localOptions(settings, run, isServer),
      observer,
      recorder: isServer ? null : run.recorder,
      algorithmLists: algorithmListsOf(run.environment),
    });
    const signal = isServer ? undefined : run.signal;
    await conductSession(session, signal, () => roles(session), lastWordsOf("Receiver"));
    end.end();
    return session;
  } catch (error) {
    end.end(() => end.destroy());
    throw error;
  }
}

/** What the receiving side has told the sending one it ended for is told already; else the first failure is the reason for the second. */
function firstFailure(failures: readonly { error: unknown; ofSender: boolean }[]): unknown {
  const told = failures.find(({ error, ofSender }) => ofSender && error instanceof RemoteExit);
  return (told ?? failures[0])?.error;
}

function asServed({ settings, transfer }: FilteredRun): ServerSession {
  const paths = [transfer.destination ?? "."];
  return { direction: "push", transport: "local", protocol: settings.protocol, paths };
}

/** Files are copied whole unless deltas are asked for: there is no line to save bytes on. */
function localOptions(
  settings: ResolvedSettings,
  { filters, filesFrom }: FilteredRun,
  isServer: boolean,
): TransferOptions {
  const options = transferOptionsFrom(settings, settings.protocol, filters);
  options.filesFrom = filesFrom;
  if (isServer) {
    options.modeChanges = []; // made by the sending side already
    options.iconv = ownCharset(settings.iconv, true, process.env);
  }
  const { wholeFile, append, batchMode } = settings;
  options.wholeFile ||= wholeFile === null && append === 0 && batchMode === null;
  return options;
}

/** `-M--log-file=FILE`: a log of its own. */
function receiverLog(
  { settings, observer }: FilteredRun,
  told: ResolvedSettings,
): SessionLog | null {
  if (told === settings) return null; // the sending side writes that one
  const owner: LogOwner = { role: "Receiver", sending: false, local: false, isServer: true };
  return openLog(told, owner, (text) => observer.notice?.({ level: "error", text, remote: false }));
}

/** The receiving side does as the sending one is told, and besides what `--remote-option` says. */
function receiverSettings(run: FilteredRun): ResolvedSettings {
  const { settings } = run;
  if (settings.remoteOption.length === 0) return settings;
  const { words } = serverArguments({ ...settings, secludedArgs: false }, asServed(run));
  const { settings: told } = parseServerRequest(words, null, { fromDaemonClient: false });
  // Not among the arguments of a server, but known here.
  const { confineRoot, filters, mungeLinks, superUser } = settings;
  return {
    ...told,
    confineRoot: told.confineRoot ?? confineRoot,
    filters,
    mungeLinks: told.mungeLinks || mungeLinks,
    superUser: told.superUser === "auto" ? superUser : told.superUser,
  };
}
