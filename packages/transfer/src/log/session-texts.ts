/**
 * The texts of a session's log; tools read them, so wording and spacing are rsync's. Spec: docs/protocol/5-daemon.md, 5.10.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** The end of a transfer: always of a sender, of a receiver when it succeeded. */
export function totalsText(sent: number, received: number, totalSize: number): ByteString {
  return `sent ${sent} bytes  received ${received} bytes  total size ${totalSize}`;
}

/** How the log of a sender begins. */
export const BUILDING_LIST_TEXT = "building file list";
/** How the log of a receiving side begins. */
export const RECEIVING_LIST_TEXT = "receiving file list";
