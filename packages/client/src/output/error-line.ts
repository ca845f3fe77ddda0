/**
 * Error messages of single problems. Spec: docs/protocol/4-command.md, 14.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

export { type ErrorOrigin, errorName, exitLine, type Role } from "@tsrsync/transfer";

/** `rsync: TEXT`, without LF, for a wrong option. */
export function optionErrorLine(text: ByteString): ByteString {
  return `rsync: ${text}`;
}
