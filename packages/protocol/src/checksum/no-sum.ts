/**
 * The strong sum called `none`: one byte 00 after each file, and no block sums (whole files only).
 * @module
 */
import type { HashStream } from "./hash-stream.js";
import type { StrongSum } from "./strong-sum.js";

export const NO_HASH: HashStream = {
  reset() {},
  update() {},
  digest: () => new Uint8Array(1),
};

export const NO_SUM: StrongSum = {
  name: "none",
  digestLength: 1,
  createFileHash: () => NO_HASH,
  blockSum(_bytes, into, offset, length) {
    into.fill(0, offset, offset + length);
  },
};
