/**
 * Error messages and the last line of a failed run. Spec: docs/protocol/4-command.md, 14.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { errorReason } from "./error-reason.js";

/** Who speaks. `Receiver` is the receiving side before the generator has split off. */
export type Role = "client" | "server" | "sender" | "Receiver" | "generator" | "receiver";

/** Where and by whom an error was noticed: our own file, line and version, never those of the reference. */
export interface ErrorOrigin {
  file: string;
  line: number;
  role: Role;
  version: string;
}

const VANISHED = 24;

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
  [VANISHED]: "some files vanished before they could be transferred",
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
  const severity = exitCode === VANISHED ? "warning" : "error";
  const place = `${origin.file}(${origin.line}) [${origin.role}=${origin.version}]`;
  return `rsync ${severity}: ${errorName(exitCode)} (code ${exitCode}) at ${place}`;
}

/** `rsync: [ROLE] TEXT: REASON (ERRNO)`, without LF, for a failed system call. */
export function systemErrorLine(role: Role, text: ByteString, errno: number): ByteString {
  return `rsync: [${role}] ${text}: ${errorReason(errno)} (${errno})`;
}

/** `rsync: TEXT`, without LF, for a wrong option. */
export function optionErrorLine(text: ByteString): ByteString {
  return `rsync: ${text}`;
}
