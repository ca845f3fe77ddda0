/**
 * The facts that output is made of. Everything here is a plain value, so that lines can be formatted and tested without
 * a transfer; whoever runs the transfer fills these in.
 * @module
 */
/** How many items there are of each kind. */
export interface KindCounts {
  regular: number;
  directories: number;
  symlinks: number;
  devices: number;
  specials: number;
}

/** The totals of a run. Sizes are bytes, times milliseconds. */
export interface TransferStatistics {
  files: KindCounts;
  /** `null` when the protocol (below 29) does not tell. */
  created: KindCounts | null;
  /** `null` when the protocol (below 31) does not tell. */
  deleted: KindCounts | null;
  transferredCount: number;
  /** Sizes of all files in the list, lengths of symlinks included. */
  totalSize: number;
  transferredSize: number;
  literalData: number;
  matchedData: number;
  listSize: number;
  /** 0 when unknown: then neither of the two times is printed. */
  listBuildMs: number;
  listTransferMs: number;
  bytesSent: number;
  bytesReceived: number;
  /** Since the start of the run; the rate counts whole seconds of it. */
  elapsedMs: number;
}
