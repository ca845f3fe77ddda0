/**
 * Batch files: a session's data on disk, and the script that applies it.
 * @module
 */
export {
  BATCH_START_BYTES,
  type BatchSession,
  encodeBatchSession,
  encodeStreamFlags,
  readBatchStart,
} from "./header.js";
export { type ReplayScript, replayScript } from "./replay-script.js";
export { adoptStreamFlags, streamFlags } from "./stream-flags.js";
