/**
 * The command `tsrsync`: from words to an exit code. Nothing in here ends the process or reads its globals.
 * @module
 */
import type { Duplex } from "node:stream";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import {
  debugLevels,
  infoLevels,
  OPTIONS,
  type ParsedArguments,
  parseArguments,
  type ResolvedSettings,
  resolveSettings,
  resolveTransfer,
  type Settings,
  type Transfer,
  UsageNeeded,
} from "@tsrsync/protocol/arguments";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import {
  errorName,
  failureText,
  RemoteExit,
  refuseUnsupported,
  type SessionLog,
} from "@tsrsync/transfer";
import type { CommandLine } from "../api/batch-file.js";
import { exitText } from "../api/last-words.js";
import { openLog } from "../api/open-log.js";
import { promptPassword, readPasswordFile } from "../api/password.js";
import { type PreparedRun, prepareRun, runClient } from "../api/run-client.js";
import {
  debugHelp,
  infoHelp,
  messageBytes,
  type Role,
  terminalEscapeStyle,
} from "../output/index.js";
import { daemonHelpText, helpText, versionJson, versionText } from "./help/index.js";
import type { OutputStreams } from "./line-writer.js";
import { Reporter } from "./reporter.js";
import { serve } from "./serve.js";
import { VERSION_FACTS } from "./version-facts.js";

export interface MainWorld {
  /** How the command was called. */
  program: ByteString;
  /** The words after the program's name. */
  words: readonly ByteString[];
  environment: Readonly<Record<string, string | undefined>>;
  streams: OutputStreams;
  /** Standard input and output as one, for a server. */
  connection(): Duplex;
  /** Standard input if it is a connection: inetd has passed it on, and a daemon is to serve that one client. */
  passedConnection(): { stream: Duplex; address: string } | null;
  signal: AbortSignal;
}

/** Runs the command to its end. */
export async function main(world: MainWorld): Promise<ExitCode> {
  const { words } = world;
  try {
    if (isForServer(words)) return await server(world);
    const parsed = parseArguments(words, {
      posixlyCorrect: ["POSIXLY_CORRECT", "POSIX_ME_HARDER"].some(
        (name) => name in world.environment,
      ),
    });
    if (parsed.mode === "daemon") return await daemon(parsed, world);
    return await client(parsed, world);
  } catch (error) {
    return fail(world, error, "client");
  }
}

/** Wrappers may put options of their own before `--server`, but nothing else. */
function isForServer(words: readonly ByteString[]): boolean {
  const at = words.indexOf("--server");
  if (at < 0 || words.includes("--daemon")) return false;
  return words.slice(0, at).every((word) => word.startsWith("--") && word.length > 2);
}

async function server(world: MainWorld): Promise<ExitCode> {
  return serve(world.words, {
    environment: world.environment,
    signal: world.signal,
    stream: world.connection(),
    writeError: (text) => print(world, "stderr", text),
  });
}

async function daemon(parsed: ParsedArguments, world: MainWorld): Promise<ExitCode> {
  if (parsed.settings.help) {
    print(world, "stdout", daemonHelpText(OPTIONS, VERSION_FACTS));
    return ExitCode.Ok;
  }
  // Loaded only here: the client starts faster without the server.
  const { runDaemon, runDaemonOnStream } = await import("@tsrsync/server");
  const daemonWorld = {
    settings: parsed.settings,
    environment: world.environment,
    signal: world.signal,
    writeError: (text: string) => print(world, "stderr", text),
  };
  if (parsed.settings.server) return runDaemonOnStream(daemonWorld, world.connection());
  const passed = world.passedConnection();
  if (passed !== null) return runDaemonOnStream(daemonWorld, passed.stream, passed.address);
  return runDaemon(daemonWorld);
}

async function client(parsed: ParsedArguments, world: MainWorld): Promise<ExitCode> {
  if (parsed.wordCount === 0) return usage(world, "stderr", ExitCode.Usage);
  if (parsed.settings.version > 0) {
    const text =
      parsed.settings.version > 1 ? versionJson(VERSION_FACTS) : versionText(VERSION_FACTS);
    print(world, "stdout", text);
    return ExitCode.Ok;
  }
  if (parsed.settings.help) return usage(world, "stdout", ExitCode.Ok);
  const table = flagTable(parsed.settings);
  if (table !== null) {
    print(world, "stdout", `${table}\n`);
    return ExitCode.Ok;
  }
  refuseUnsupported(parsed.givenOptions, parsed.settings.compressChoice);
  const settings = resolveSettings(parsed, world.environment);
  if (settings.help) return usage(world, "stdout", ExitCode.Ok);
  let transfer: Transfer;
  try {
    transfer = resolveTransfer(parsed.paths, settings);
  } catch (error) {
    if (error instanceof UsageNeeded) return usage(world, "stderr", ExitCode.Usage);
    throw error;
  }
  const commandLine = { program: world.program, words: world.words, paths: parsed.paths };
  return run(settings, transfer, commandLine, world);
}

/** What `--info=help` and `--debug=help` ask for. */
function flagTable({ verbose, progress, info, debug }: Settings): string | null {
  if (infoLevels(verbose, progress, info).help) return infoHelp();
  return debugLevels(verbose, debug).help ? debugHelp() : null;
}

function usage(world: MainWorld, stream: "stdout" | "stderr", code: ExitCode): ExitCode {
  print(world, stream, helpText(OPTIONS, VERSION_FACTS));
  return code;
}

async function run(
  settings: ResolvedSettings,
  transfer: Transfer,
  commandLine: CommandLine,
  world: MainWorld,
): Promise<ExitCode> {
  const { environment } = world;
  const sending = transfer.direction === "push";
  const local = transfer.transport === "local";
  const log = openLog(
    settings,
    { role: "client", sending, local, isServer: false },
    (line, level) => print(world, level === "info" ? "stdout" : "stderr", line),
  );
  const reporter = new Reporter({ settings, sending, environment, local, log }, world.streams);
  let prepared: PreparedRun;
  try {
    prepared = await prepareRun({
      settings,
      transfer,
      observer: reporter,
      password: () => findPassword(settings, environment, sending ? "sender" : "Receiver"),
      defaultUser: byteStringFromText(environment["USER"] || environment["LOGNAME"] || "nobody"),
      onText: (line) => {
        if (settings.motd) reporter.line(line);
      },
      environment,
      signal: world.signal,
      commandLine,
    });
  } catch (error) {
    reporter.flush();
    return fail(world, error, "client", log);
  }
  try {
    const result = await runClient(prepared);
    if (result.statistics !== null) reporter.end(result.statistics, result);
    reporter.flush();
    if (result.exitCode !== ExitCode.Ok) {
      reporter.errorLine(exitText(result.exitCode, sending ? "sender" : "generator"));
    }
    return result.exitCode;
  } catch (error) {
    reporter.flush();
    return fail(world, error, sending ? "sender" : "Receiver", log);
  }
}

async function findPassword(
  settings: ResolvedSettings,
  environment: MainWorld["environment"],
  role: Role,
): Promise<Uint8Array> {
  if (settings.passwordFile !== null) {
    return readPasswordFile(settings.passwordFile, role, settings.insecureLinks);
  }
  const password = environment["RSYNC_PASSWORD"];
  return password === undefined ? promptPassword() : Buffer.from(password, "utf8");
}

/** Prints why a run failed, and the line that scripts look for. */
function fail(
  world: MainWorld,
  thrown: unknown,
  role: Role,
  log: SessionLog | null = null,
): ExitCode {
  const isBug = !(thrown instanceof RsyncError);
  const error = RsyncError.from(thrown);
  // What the other side ended the session for, it has said itself.
  if (error instanceof RemoteExit) return error.exitCode;
  const tell = (text: string) => {
    log?.text(text);
    print(world, "stderr", `${text}\n`);
  };
  // The name of some failures says all that there is to say.
  if (error.message !== errorName(error.exitCode)) tell(failureText(error, role));
  if (isBug && thrown instanceof Error) tell(`${thrown.stack}`);
  tell(exitText(error.exitCode, role));
  return error.exitCode;
}

function print(world: MainWorld, stream: "stdout" | "stderr", text: ByteString): void {
  const style = terminalEscapeStyle(world.environment, false);
  const lines = text.split(/(?<=\n)/);
  world.streams[stream].write(Buffer.concat(lines.map((line) => messageBytes(line, style))));
}
