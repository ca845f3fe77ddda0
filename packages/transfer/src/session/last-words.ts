/**
 * The last lines of a run that failed: why, and the line that scripts look for. Spec: docs/protocol/4-command.md, 14.
 * @module
 */
import { ExitCode, type RsyncError } from "@tsrsync/protocol";
import { OptionError } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";

/** Who speaks. `Receiver` is the receiving side before the generator has split off. */
export type Role = "client" | "server" | "sender" | "Receiver" | "generator" | "receiver";

/** Where and by whom an error was noticed: our own file, line and version, never those of the reference. */
export interface ErrorOrigin {
  file: string;
  line: number;
  role: Role;
  version: string;
}

const ERROR_NAMES: Readonly<Record<number, string>> = {
  1: "syntax or usage error",
  2: "protocol incompatibility",
  3: "errors selecting input/output files, dirs",
  4: "requested action not supported",
  5: "error starting client-server protocol",
  10: "error in socket IO",
  11: "error in file IO",
  12: "error in rsync protocol data stream",
  13: "errors with program diagnostics",
  14: "error in IPC code",
  15: "sibling process crashed",
  16: "sibling process terminated abnormally",
  19: "received SIGUSR1",
  20: "received SIGINT, SIGTERM, or SIGHUP",
  21: "waitpid() failed",
  22: "error allocating core memory buffers",
  23: "some files/attrs were not transferred (see previous errors)",
  24: "some files vanished before they could be transferred",
  25: "the --max-delete limit stopped deletions",
  30: "timeout in data send/receive",
  35: "timeout waiting for daemon connection",
  124: "remote shell failed",
  125: "remote shell killed",
  126: "remote command could not be run",
  127: "remote command not found",
};

/** The name that scripts know an exit code by. */
export function errorName(exitCode: number): string {
  return ERROR_NAMES[exitCode] ?? "unexplained error";
}

/** `rsync error: NAME (code N) at FILE(LINE) [ROLE=VERSION]`, without LF; `rsync warning:` for code 24. */
export function exitLine(exitCode: number, origin: ErrorOrigin): string {
  const severity = exitCode === ExitCode.Vanished ? "warning" : "error";
  const place = `${origin.file}(${origin.line}) [${origin.role}=${origin.version}]`;
  return `rsync ${severity}: ${errorName(exitCode)} (code ${exitCode}) at ${place}`;
}

/** The reason of a failure as rsync prints it, without LF. */
export function failureText(error: RsyncError, role: Role): ByteString {
  const { message, exitCode } = error;
  if (exitCode === ExitCode.Timeout && !isBare(error)) return `[${role}] ${message}`;
  if (message.startsWith("connection unexpectedly closed")) return `rsync: ${message} [${role}]`;
  return isBare(error) ? message : `rsync: ${message}`;
}

/** How texts begin that have no `rsync: ` in front. */
const BARE =
  /^(@?ERROR|ABORTING|\[\w+\] (io|daemon handshake) timeout|--protocol must|protocol version mismatch|The protocol version in|bad response from proxy|unsafe host characters|[^ ]+ is > |proxy |invalid proxy |bind\(\) failed|stopping at |Batch file |unknown \w+ name|iconv_open|Failed to negotiate|Invalid checksum-choice|Your --\w+-choice)/;

/** Usage errors and those that begin with a word of their own have no `rsync: ` in front. */
function isBare(error: RsyncError): boolean {
  if (error.exitCode === ExitCode.Usage && !(error instanceof OptionError)) return true;
  return BARE.test(error.message);
}

/** What a server tells its client when it fails, without the last LF. */
export function lastWords(error: RsyncError, origin: ErrorOrigin): ByteString {
  return `${failureText(error, origin.role)}\n${exitLine(error.exitCode, origin)}`;
}
