/**
 * Faulty inputs made of good ones: the ways in which a broken or hostile peer departs from the protocol.
 */
import type { Random } from "./random.js";

const BYTES = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xbf, 0xc0, 0xf0, 0xf8, 0xfc, 0xfe, 0xff, 0x2f, 0x2e];
const WORDS = [0, 1, -1, 0x7fffffff, -0x80000000, 0x10000, 0x8000, 0xffff, 4096, 5120, -2, -101];

type Mutation = (bytes: Buffer, random: Random, seeds: readonly Uint8Array[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = random.below(bytes.length);
    if (bytes.length > 0) bytes[at] = bytes[at]! ^ (1 << random.below(8));
    return bytes;
  },
  function setByte(bytes, random) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.pick(BYTES);
    return bytes;
  },
  function setWord(bytes, random) {
    if (bytes.length >= 4) bytes.writeInt32LE(random.pick(WORDS), random.below(bytes.length - 3));
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function remove(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8))]);
  },
  function insert(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), noise(random, 8), bytes.subarray(at)]);
  },
  function repeat(bytes, random) {
    const at = random.below(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + random.below(24));
    return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  },
  function splice(bytes, random, seeds) {
    const other = random.pick(seeds);
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]);
  },
];

/** Up to `length` arbitrary bytes, the interesting ones more often. */
export function noise(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(random.below(length + 1));
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = random.below(3) === 0 ? random.pick(BYTES) : random.next();
  }
  return bytes;
}

/** One of the seeds with one to four changes. */
export function mutated(seeds: readonly Uint8Array[], random: Random): Buffer {
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  for (let left = 1 + random.below(4); left > 0; left--) {
    bytes = Buffer.from(random.pick(MUTATIONS)(bytes, random, seeds));
  }
  return bytes;
}
