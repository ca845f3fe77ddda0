/**
 * `--early-input`: a file for the program that a daemon runs before it lets the client in (spec 1-session, 4.3).
 * @module
 */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { FileIoError, StartError } from "@tsrsync/protocol";
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { openTrusted, reason } from "@tsrsync/transfer";

const MAX_BYTES = 5120;

/** The file's contents; `null` when there is nothing to send. @throws StartError 5 for a file that is too long. */
export function readEarlyInput({ earlyInput, insecureLinks }: ResolvedSettings): Uint8Array | null {
  if (earlyInput === null) return null;
  const bytes = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  try {
    const fd = insecureLinks
      ? openSync(Buffer.from(earlyInput, "latin1"), constants.O_RDONLY)
      : openTrusted(earlyInput, constants.O_RDONLY, 0, true);
    try {
      for (let count = -1; count !== 0; length += count) {
        count = readSync(fd, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    throw new FileIoError(`failed to open ${earlyInput}: ${reason(cause)}`, { cause });
  }
  if (length > MAX_BYTES) throw new StartError(`${earlyInput} is > ${MAX_BYTES} bytes.`);
  return length === 0 ? null : bytes.subarray(0, length);
}
