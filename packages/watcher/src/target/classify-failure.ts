/**
 * From the end of a session to the class of a failure, which decides when the target is tried again (spec 6, 4.5).
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { DaemonRefusal } from "tsrsync";
import { type Notice, readable } from "./push-problems.js";
import { TargetError } from "./target.js";
import type { FailureClass } from "./types.js";

const FULL = /No space left on device|Disk quota exceeded|\((?:28|122)\)\s*$/m;
const BUSY = /max connections/i;
const REFUSED =
  /module is read only|configured to refuse|Read-only file system|Host key verification failed|Permission denied \((?:publickey|password|keyboard)/;
/** Of a directory that a session can not even begin in. */
const NO_PLACE = /change_dir|chdir|mkdir .* failed|chroot/;
const SERVER_EXIT = /^rsync error: .*\(code (\d+)\)/m;
const LINE_EXITS: ReadonlySet<number> = new Set([
  ExitCode.SocketIo,
  ExitCode.Timeout,
  ExitCode.ConnectTimeout,
  ExitCode.Signal,
  19,
  255, // ssh could not connect
]);

/** True when a text says that there is no room at the target. */
export function saysFull(text: string): boolean {
  return FULL.test(text);
}

/** The failure that a session ended with, and what was said in it. @param wasLetIn greeting and login were in order */
export function targetErrorOf(
  thrown: unknown,
  notices: readonly Notice[],
  wasLetIn: boolean,
): TargetError {
  if (thrown instanceof TargetError) return thrown;
  const error = RsyncError.from(thrown);
  const problems = notices
    .filter(({ level }) => level !== "info")
    .map(({ text }) => readable(text));
  const said = [...problems, error.message].join("\n");
  const told = SERVER_EXIT.exec(said)?.[1];
  const exitCode = told === undefined ? error.exitCode : Number(told);
  const failureClass = classOf(said, exitCode, error);
  const message = problems[0] ?? error.message;
  return new TargetError(failureClass, exitCode, message, { cause: thrown, problems, wasLetIn });
}

function classOf(said: string, exitCode: number, error: RsyncError): FailureClass {
  if (FULL.test(said)) return "full";
  if (BUSY.test(said)) return "busy";
  if (error instanceof DaemonRefusal || REFUSED.test(said)) return "refused";
  if (exitCode === ExitCode.StartClient) {
    if (/^server sent /m.test(said)) return "protocol";
    return /server startup line|server greeting/.test(said) ? "unreachable" : "refused";
  }
  if (LINE_EXITS.has(exitCode)) return "unreachable";
  if (exitCode === ExitCode.FileIo && NO_PLACE.test(said)) return "refused";
  if (exitCode === ExitCode.FileSelection && NO_PLACE.test(said)) return "refused";
  if (/connection unexpectedly closed/.test(said)) return "unreachable";
  // No such command at the other end of a shell.
  return exitCode === 126 || exitCode === 127 ? "refused" : "protocol";
}
