/**
 * LZ4 blocks: by the kernel, which is several times as fast, else in plain JavaScript.
 * @module
 */
import { StreamError } from "../errors.js";
import { FREE_FROM, sharedKernel, WasmKernel } from "../kernel/index.js";
import { expandPlainLz4Block, PlainLz4Compressor } from "./lz4-block.js";

/** No block that is made or taken is longer, in bytes, and none holds more data. */
const MAX_BYTES = 65_534;
/** The kernel copies in steps and may write so much too far. */
const SLACK = 32;
const TABLE_BYTES = 16 << 10;
const TABLE = FREE_FROM;
const SOURCE: number = TABLE + TABLE_BYTES;
const TARGET: number = SOURCE + MAX_BYTES + SLACK + 2;
const MEMORY_BYTES: number = TARGET + MAX_BYTES + SLACK;
const DAMAGED = -1;

function readyKernel(): WasmKernel | null {
  const kernel = sharedKernel();
  if (!(kernel instanceof WasmKernel)) return null;
  kernel.reserve(MEMORY_BYTES);
  return kernel;
}

/** Compresses blocks. */
export class Lz4Compressor {
  readonly #kernel: WasmKernel | null = readyKernel();
  #plain: PlainLz4Compressor | null = null;

  /**
   * Compresses `source` into `target` and returns how many bytes that took, or -1 where they might not fit.
   * @throws RangeError for more than 65534 bytes.
   */
  compress(source: Uint8Array, target: Uint8Array): number {
    const room = Math.min(target.length, MAX_BYTES);
    if (source.length > MAX_BYTES) throw new RangeError(`lz4 block: ${source.length} bytes`);
    const kernel = this.#kernel;
    if (kernel === null) {
      this.#plain ??= new PlainLz4Compressor();
      return this.#plain.compress(source, target.subarray(0, room));
    }
    const { memory } = kernel;
    memory.set(source, SOURCE);
    const length = kernel.lz4Compress(SOURCE, source.length, TARGET, room, TABLE);
    if (length > 0) target.set(memory.subarray(TARGET, TARGET + length));
    return length;
  }
}

/**
 * Expands one block into `target` and returns how many bytes that made.
 * @throws StreamError when the block is damaged or holds more than `target.length` (at most 65534) bytes.
 */
export function expandLz4Block(source: Uint8Array, target: Uint8Array): number {
  const room = Math.min(target.length, MAX_BYTES);
  const kernel = readyKernel();
  if (kernel === null) return expandPlainLz4Block(source, target.subarray(0, room));
  if (source.length > MAX_BYTES) throw new RangeError(`lz4 block: ${source.length} bytes`);
  const { memory } = kernel;
  memory.set(source, SOURCE);
  const length = kernel.lz4Expand(SOURCE, source.length, TARGET, room);
  if (length < 0) {
    const problem = length === DAMAGED ? "it is damaged" : `it holds more than ${room} bytes`;
    throw new StreamError(`lz4 block: ${problem}`);
  }
  target.set(memory.subarray(TARGET, TARGET + length));
  return length;
}
