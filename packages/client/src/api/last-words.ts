/**
 * The last lines of a run that failed, with our origin.
 * @module
 */
import type { ExitCode, RsyncError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type ErrorOrigin, exitLine, lastWords, type Role } from "@tsrsync/transfer";
import { VERSION } from "../version.js";

function originOf(role: Role): ErrorOrigin {
  return { file: "main.ts", line: 1, role, version: VERSION };
}

/** The last line of a run that ends with `exitCode`, without LF. */
export function exitText(exitCode: ExitCode, role: Role): string {
  return exitLine(exitCode, originOf(role));
}

/** What a server of ours tells its client when it fails. */
export function lastWordsOf(role: Role): (error: RsyncError) => ByteString {
  return (error) => lastWords(error, originOf(role));
}
