/**
 * A run over a remote shell: the server, or a daemon for one session, is a child process (spec 1-session, 2.2 and 2.3).
 * @module
 */
import { RsyncError, StartError } from "@tsrsync/protocol";
import {
  clientCapabilities,
  encodeArgumentList,
  remoteCommand,
  type ServerSession,
  serverArguments,
} from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  algorithmListsOf,
  conductSession,
  convertWords,
  exchangeVersions,
  LineChannel,
  ownCharset,
  RemoteExit,
  setUpSession,
  transferOptionsFrom,
} from "@tsrsync/transfer";
import { commandText } from "../output/command-text.js";
import { type ShellConnection, startShell } from "../transport/remote-shell.js";
import { transferFiles } from "./client-roles.js";
import { logInTo } from "./daemon-connection.js";
import { conductWithDaemon, remotePaths, withoutName } from "./daemon-session.js";
import { debugLine } from "./debug-line.js";
import { DEFAULT_PORT } from "./default-port.js";
import type { ClientResult, FilteredRun } from "./run-client.js";

/** Starts the shell, converses, and waits for its end. A worse exit status of the shell than ours is the run's. */
export async function runOverShell(run: FilteredRun): Promise<ClientResult> {
  const job = run.transfer.transport === "shell" ? serverJob(run) : daemonJob(run);
  debugLine(run, "CMD", () => `opening connection using: ${commandText(job.command)}`);
  const shell = startShell(job.command, job.environment);
  try {
    const result = await job.converse(shell);
    const status = await shell.end();
    // A daemon that only listed its modules ends with any status.
    if (result.statistics === null) return result;
    return { ...result, exitCode: Math.max(result.exitCode, status) };
  } catch (error) {
    const status = await shell.abandon();
    const failure = RsyncError.from(error);
    if (status <= failure.exitCode || failure instanceof StartError) throw failure;
    if (failure instanceof RemoteExit) throw new RemoteExit(status);
    throw new RsyncError(status, failure.message, { cause: failure });
  }
}

interface ShellJob {
  command: readonly ByteString[];
  environment: FilteredRun["environment"];
  converse(shell: ShellConnection): Promise<ClientResult>;
}

function daemonJob(run: FilteredRun): ShellJob {
  const { settings, environment } = run;
  const remote = run.transfer.remote!;
  const { shell, command } = remoteCommand(settings, remote, null, environment);
  return {
    command: [...shell, ...command],
    environment: { ...environment, RSYNC_PORT: String(remote.port ?? DEFAULT_PORT) },
    converse: async ({ stream }) => conductWithDaemon(run, await logInTo(run, stream)),
  };
}

function serverJob(run: FilteredRun): ShellJob {
  const { transfer, environment } = run;
  const served: ServerSession = {
    direction: transfer.direction,
    transport: "shell",
    protocol: run.settings.protocol,
    paths: remotePaths(transfer),
  };
  let { settings } = run;
  let words = serverArguments(settings, served);
  // The words of a command are text in Node: names that are not can only travel as data.
  if (!words.words.every(isText)) {
    settings = { ...settings, secludedArgs: true, oldArgs: 0 };
    words = serverArguments(settings, served);
  }
  const { shell, command } = remoteCommand(settings, transfer.remote!, words.words, environment);
  return {
    command: [...shell, ...command],
    environment,
    async converse({ stream }) {
      const channel = new LineChannel(stream);
      const { secluded: own } = words;
      if (own !== null) {
        debugLine(run, "CMD", () => `protected args: ${commandText(withoutName(own))}`);
        const charset = ownCharset(settings.iconv, false, environment);
        const secluded = await convertWords(own, charset, "toWire");
        stream.write(encodeArgumentList(secluded, "nul"));
      }
      const protocol = await exchangeVersions(channel, settings.protocol, "Server", (text) =>
        run.observer.notice?.({ level: "warning", text: `${text}\n`, remote: false }),
      );
      const session = await setUpSession({
        stream,
        initialBytes: channel.release(),
        isServer: false,
        isSender: transfer.direction === "push",
        protocol,
        capabilities: clientCapabilities(settings, served),
        options: {
          ...transferOptionsFrom(settings, protocol, run.filters),
          filesFrom: run.filesFrom,
        },
        observer: run.observer,
        recorder: run.recorder,
        algorithmLists: algorithmListsOf(environment),
      });
      await conductSession(session, run.signal, () => transferFiles(session, transfer, run.push));
      return { exitCode: session.exitCode(), statistics: session.statistics, protocol };
    },
  };
}

function isText(word: ByteString): boolean {
  const bytes = Buffer.from(word, "latin1");
  return bytes.equals(Buffer.from(bytes.toString("utf8"), "utf8"));
}
