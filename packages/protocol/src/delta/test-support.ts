/**
 * What the tests of this folder share.
 * @module
 */
import { type ChecksumContext, loadStrongSum, type StrongSum } from "../checksum/index.js";
import type { Kernel } from "../kernel/index.js";
import {
  createCursor,
  createWriter,
  decodeByteString,
  encodeByteString,
  finish,
} from "../wire/index.js";
import {
  computeSumHead,
  DeltaSearch,
  type Signature,
  SignatureMaker,
  SignatureReader,
  type SumHead,
} from "./index.js";

export const CONTEXT: ChecksumContext = {
  protocol: 32,
  seed: 0x11223344,
  seedFix: true,
  byName: true,
};

export const XXH128: StrongSum = await loadStrongSum("xxh128", CONTEXT);

/** Hands out `bytes` in pieces of at most `piece`. */
export function reader(
  bytes: Uint8Array,
  piece: number = Number.POSITIVE_INFINITY,
): (into: Uint8Array) => number {
  let at = 0;
  return (into) => {
    const count = Math.min(into.length, bytes.length - at, piece);
    into.set(bytes.subarray(at, at + count));
    at += count;
    return count;
  };
}

/** The block sums of `basis` as bytes. */
export function makeSums(
  basis: Uint8Array,
  head: SumHead,
  strong: StrongSum = XXH128,
  options: { kernel?: Kernel; piece?: number } = {},
): Uint8Array {
  const maker = new SignatureMaker(strong, head, options.kernel);
  const writer = createWriter(1);
  const read = reader(basis, options.piece);
  while (!maker.done) maker.add(read(maker.room()), writer);
  return finish(writer);
}

export function makeSignature(
  basis: Uint8Array,
  blockSize: number | null,
  strong: StrongSum = XXH128,
): Signature {
  const head = computeSumHead(basis.length, {
    protocol: 32,
    blockSize,
    digestLength: strong.digestLength,
    redo: true,
  });
  const signatureReader = new SignatureReader(head);
  signatureReader.read(createCursor(makeSums(basis, head, strong)));
  return signatureReader.signature;
}

/** A block number, or literal bytes as a latin1 string. Neighbouring literals are joined. */
export type Operation = number | string;

export interface Found {
  operations: Operation[];
  search: DeltaSearch;
  /** How many steps it took. */
  steps: number;
}

export function findDelta(
  signature: Signature,
  target: Uint8Array,
  options: { strong?: StrongSum; inplace?: boolean; kernel?: Kernel; piece?: number } = {},
): Found {
  const { strong = XXH128, inplace = false, kernel, piece } = options;
  const search = new DeltaSearch(signature, strong, kernel ? { inplace, kernel } : { inplace });
  const operations: Operation[] = [];
  const sink = {
    literal(bytes: Uint8Array) {
      const text = decodeByteString(bytes);
      const before = operations.at(-1);
      if (typeof before === "string") operations[operations.length - 1] = before + text;
      else operations.push(text);
    },
    match: (block: number) => void operations.push(block),
  };
  const read = reader(target, piece);
  let steps = 1;
  while (search.step(read, sink)) steps++;
  return { operations, search, steps };
}

/** Rebuilds the target as a receiver does; in place the basis changes while it is read. */
export function patch(
  basis: Uint8Array,
  signature: Signature,
  operations: readonly Operation[],
  inplace: boolean = false,
): Uint8Array {
  const parts = operations.map((operation) => {
    return typeof operation === "string" ? operation.length : signature.blockSize(operation);
  });
  const length = parts.reduce((sum, size) => sum + size, 0);
  const target = new Uint8Array(Math.max(length, basis.length));
  if (inplace) target.set(basis);
  const source = inplace ? target : basis;
  let at = 0;
  operations.forEach((operation, i) => {
    if (typeof operation === "string") {
      target.set(encodeByteString(operation), at);
    } else {
      const start = operation * signature.head.blockLength;
      target.set(source.slice(start, start + parts[i]!), at);
    }
    at += parts[i]!;
  });
  return target.subarray(0, length);
}

/** Reproducible noise. */
export function noise(length: number, seed: number = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
