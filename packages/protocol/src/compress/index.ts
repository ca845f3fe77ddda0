export { DeflateHistory, type Extent, HISTORY_BYTES, historyOfBlock } from "./deflate-history.js";
export { expandLz4Block, Lz4Compressor } from "./lz4.js";
export {
  MAX_RECORD_DATA,
  type TokenRecordKind,
  TokenRecordReader,
  TokenRecordWriter,
} from "./token-record.js";
