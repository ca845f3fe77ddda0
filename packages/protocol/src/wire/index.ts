export {
  type ByteString,
  byteStringFromText,
  decodeByteString,
  encodeByteString,
  storeByteString,
} from "./byte-string.js";
export { available, type Cursor, createCursor, take, UNDERFLOW, Underflow } from "./cursor.js";
export {
  decodeFrameHeader,
  FRAME_HEADER,
  type FrameHeader,
  MAX_FRAME_PAYLOAD,
  MAX_MESSAGE_PAYLOAD,
  MessageCode,
  storeFrameHeader,
} from "./frame.js";
export {
  readByte,
  readInt,
  readIntIn,
  readShortint,
  storeInt,
  within,
  writeByte,
  writeInt,
  writeShortint,
} from "./integers.js";
export { readLongint, writeLongint } from "./longint.js";
export {
  createNdxState,
  NDX_DEL_STATS,
  NDX_DONE,
  NDX_FLIST_EOF,
  NDX_FLIST_OFFSET,
  type NdxState,
  readNdx,
  writeNdx,
} from "./ndx.js";
export { readVarint, readVarintIn, writeVarint } from "./varint.js";
export { readVarlong, writeVarlong } from "./varlong.js";
export { readVstring, writeVstring } from "./vstring.js";
export { createWriter, finish, reserve, type Writer, written } from "./writer.js";
