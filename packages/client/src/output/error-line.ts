/**
 * Error messages of single problems. Spec: docs/protocol/4-command.md, 14.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Role } from "@tsrsync/transfer";
import { errorReason } from "./error-reason.js";

export { type ErrorOrigin, errorName, exitLine, type Role } from "@tsrsync/transfer";

/** `rsync: [ROLE] TEXT: REASON (ERRNO)`, without LF, for a failed system call. */
export function systemErrorLine(role: Role, text: ByteString, errno: number): ByteString {
  return `rsync: [${role}] ${text}: ${errorReason(errno)} (${errno})`;
}

/** `rsync: TEXT`, without LF, for a wrong option. */
export function optionErrorLine(text: ByteString): ByteString {
  return `rsync: ${text}`;
}
