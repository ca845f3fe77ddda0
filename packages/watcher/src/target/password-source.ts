/**
 * Asks for a password where the settings say it is: at each login, so that it may change (spec 6, 2.3).
 * @module
 */
import { execFile } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { promisify } from "node:util";
import type { PasswordSource } from "../config/settings.js";
import { TargetError } from "./target.js";

/** rsync's own limit. */
const MAX_BYTES = 511;
const COMMAND_TIMEOUT_MS = 30_000;

/** @throws TargetError (refused) when there is none to be had. */
export async function readPassword(source: PasswordSource | null): Promise<string> {
  if (source === null) throw refused("the daemon demands a password, and none is configured");
  switch (source.kind) {
    case "text":
      return source.text;
    case "file":
      return passwordOfFile(source.path);
    case "env": {
      const text = process.env[source.name];
      if (text === undefined) throw refused(`the password variable ${source.name} is not set`);
      return text;
    }
    case "command":
      return passwordOfCommand(source.argv);
  }
}

/** The first line that is not empty, of a file that only its owner and group can read. */
function passwordOfFile(path: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (cause) {
    throw refused(`the password file ${path} can not be read`, cause);
  }
  try {
    if (fstatSync(descriptor).mode & 0o006) {
      throw refused(`the password file ${path} must not be readable by others`);
    }
    const bytes = Buffer.alloc(MAX_BYTES);
    const line = firstLine(bytes.toString("utf8", 0, readSync(descriptor, bytes)));
    if (line === null) throw refused(`the password file ${path} is empty`);
    return line;
  } finally {
    closeSync(descriptor);
  }
}

async function passwordOfCommand([program = "", ...words]: readonly string[]): Promise<string> {
  try {
    const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: 1 << 16 };
    const { stdout } = await promisify(execFile)(program, words, options);
    const line = firstLine(stdout);
    if (line !== null) return line;
  } catch (cause) {
    throw refused(`the password command ${program} failed`, cause);
  }
  throw refused(`the password command ${program} printed nothing`);
}

function firstLine(text: string): string | null {
  return text.split(/[\r\n]/).find((line) => line !== "") ?? null;
}

function refused(message: string, cause?: unknown): TargetError {
  return new TargetError("refused", 5, message, { cause });
}
