/**
 * Where the password for a daemon comes from (spec 4-command, 15): a file, the environment, or the terminal.
 * @module
 */
import { fstatSync, readSync } from "node:fs";
import { UsageError } from "@tsrsync/protocol";
import { reason } from "@tsrsync/transfer";
import type { Role } from "../output/index.js";
import { closeOperatorFile, openOperatorFile } from "./operator-file.js";

const MAX_PASSWORD_BYTES = 511;

/**
 * Reads a password file: its first non-empty line.
 * @throws UsageError when it can not be read, or others than its owner can read it.
 */
export function readPasswordFile(path: string, role: Role, insecureLinks = false): Uint8Array {
  let fd: number;
  try {
    fd = openOperatorFile(path, insecureLinks);
  } catch (cause) {
    const text = `could not open password file ${path}: ${reason(cause)}`;
    throw new UsageError(`rsync: [${role}] ${text}`, { cause });
  }
  try {
    if (path !== "-") checkPasswordFile(fd);
    const bytes = Buffer.alloc(MAX_PASSWORD_BYTES);
    const text = bytes.toString("latin1", 0, readSync(fd, bytes));
    const line = text.split(/[\r\n]/).find((candidate) => candidate !== "");
    if (line === undefined) throw new UsageError(`ERROR: failed to read a password from ${path}`);
    return Buffer.from(line, "latin1");
  } finally {
    closeOperatorFile(fd);
  }
}

function checkPasswordFile(fd: number): void {
  const { mode, uid } = fstatSync(fd);
  if (mode & 0o006) throw new UsageError("ERROR: password file must not be other-accessible");
  if (process.geteuid?.() === 0 && uid !== 0) {
    throw new UsageError("ERROR: password file must be owned by root when running as root");
  }
}

/** Asks on the terminal, without echo. An empty answer is an empty password. */
export async function promptPassword(): Promise<Uint8Array> {
  const { stdin, stderr } = process;
  stderr.write("Password: ");
  const wasRaw = stdin.isTTY === true && stdin.isRaw;
  if (stdin.isTTY) stdin.setRawMode(true);
  try {
    const bytes: number[] = [];
    for await (const chunk of stdin as AsyncIterable<Uint8Array>) {
      for (const byte of chunk) {
        if (byte === 0x0a || byte === 0x0d || byte === 0x04) return Uint8Array.from(bytes);
        if (byte === 0x03) throw new UsageError("interrupted");
        if (byte === 0x7f || byte === 0x08) bytes.pop();
        else bytes.push(byte);
      }
    }
    return Uint8Array.from(bytes);
  } finally {
    if (stdin.isTTY) stdin.setRawMode(wasRaw);
    stderr.write("\n");
    stdin.pause();
  }
}
