/**
 * The counts behind `--stats` and the summary lines (spec 4-command, 13.8).
 * @module
 */
import { createDeletionCounters, type DeletionCounters } from "@tsrsync/protocol/item";

/** How many entries of each kind. */
export interface KindCounts {
  regular: number;
  directories: number;
  symlinks: number;
  devices: number;
  specials: number;
}

export interface TransferStatistics {
  /** Entries of the list. */
  files: KindCounts;
  created: KindCounts;
  deleted: DeletionCounters;
  transferredFiles: number;
  /** Bytes. */
  totalSize: number;
  transferredSize: number;
  literalData: number;
  matchedData: number;
  listSize: number;
  listBuildMs: number;
  listTransferMs: number;
  /** Wire bytes since framing began, as this side of the session sees them. */
  bytesSent: number;
  bytesReceived: number;
}

function createKindCounts(): KindCounts {
  return { regular: 0, directories: 0, symlinks: 0, devices: 0, specials: 0 };
}

export function createStatistics(): TransferStatistics {
  return {
    files: createKindCounts(),
    created: createKindCounts(),
    deleted: createDeletionCounters(),
    transferredFiles: 0,
    totalSize: 0,
    transferredSize: 0,
    literalData: 0,
    matchedData: 0,
    listSize: 0,
    listBuildMs: 0,
    listTransferMs: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
}

const S_IFMT = 0o170000;

/** Adds one to the count of the kind that `mode` tells. */
export function countKind(counts: KindCounts, mode: number): void {
  switch (mode & S_IFMT) {
    case 0o100000:
      counts.regular++;
      break;
    case 0o040000:
      counts.directories++;
      break;
    case 0o120000:
      counts.symlinks++;
      break;
    case 0o020000:
    case 0o060000:
      counts.devices++;
      break;
    default:
      counts.specials++;
  }
}
