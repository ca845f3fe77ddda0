/**
 * The deletion counters that follow `NDX_DEL_STATS` (protocol 31): five varints.
 * Spec: docs/protocol/1-session.md, 7.5.
 * @module
 */
import type { Cursor } from "../wire/cursor.js";
import { readVarintIn, writeVarint } from "../wire/varint.js";
import type { Writer } from "../wire/writer.js";

const MAX_COUNT = 2 ** 28;

/** How many items of each kind were deleted. */
export interface DeletionCounters {
  files: number;
  directories: number;
  symlinks: number;
  devices: number;
  specials: number;
}

export function createDeletionCounters(): DeletionCounters {
  return { files: 0, directories: 0, symlinks: 0, devices: 0, specials: 0 };
}

/** @throws ProtocolError when a count is not in 0..2^28. */
export function readDeletionCounters(cursor: Cursor): DeletionCounters {
  const count = (kind: string) => readVarintIn(cursor, `deleted ${kind}`, 0, MAX_COUNT);
  return {
    files: count("files"),
    directories: count("directories"),
    symlinks: count("symlinks"),
    devices: count("devices"),
    specials: count("specials"),
  };
}

export function writeDeletionCounters(writer: Writer, counters: DeletionCounters): void {
  writeVarint(writer, counters.files);
  writeVarint(writer, counters.directories);
  writeVarint(writer, counters.symlinks);
  writeVarint(writer, counters.devices);
  writeVarint(writer, counters.specials);
}
