export type { Compression } from "./compression.js";
export {
  type ActiveCompression,
  type CompressionName,
  compressionLevel,
  isTurnedOff,
  SUPPORTED_COMPRESSIONS,
} from "./compression-name.js";
export type { LiteralCompressor, LiteralExpander, LiteralSink } from "./literal-codec.js";
