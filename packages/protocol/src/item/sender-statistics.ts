/**
 * The statistics that a server writes when it was the sender. Spec: docs/protocol/1-session.md, 7.6.
 *
 *     bytes it read, bytes it wrote, sum of file sizes     varlong(3), below protocol 30 longint
 *     list build time, list transfer time, milliseconds    the same, protocol >= 29
 * @module
 */
import type { Cursor } from "../wire/cursor.js";
import { readLongint, writeLongint } from "../wire/longint.js";
import { readVarlong, writeVarlong } from "../wire/varlong.js";
import type { Writer } from "../wire/writer.js";

/** Counted at the sender: `bytesRead` is what came from the client. */
export interface SenderStatistics {
  bytesRead: number;
  bytesWritten: number;
  totalSize: number;
  listBuildMs: number;
  listTransferMs: number;
}

export function readSenderStatistics(cursor: Cursor, protocol: number): SenderStatistics {
  const next = () => (protocol >= 30 ? readVarlong(cursor, 3) : readLongint(cursor));
  return {
    bytesRead: next(),
    bytesWritten: next(),
    totalSize: next(),
    listBuildMs: protocol >= 29 ? next() : 0,
    listTransferMs: protocol >= 29 ? next() : 0,
  };
}

export function writeSenderStatistics(
  writer: Writer,
  protocol: number,
  statistics: SenderStatistics,
): void {
  const put = (value: number) =>
    protocol >= 30 ? writeVarlong(writer, value, 3) : writeLongint(writer, value);
  put(statistics.bytesRead);
  put(statistics.bytesWritten);
  put(statistics.totalSize);
  if (protocol < 29) return;
  put(statistics.listBuildMs);
  put(statistics.listTransferMs);
}
