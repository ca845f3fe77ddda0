/**
 * The kernel: the loops that run over every byte of a file. Compiled to WebAssembly by scripts/build-kernel.mjs.
 *
 * All arguments named `at`, `out` and the like are addresses in the kernel's memory. The low part of it belongs to the kernel
 * (constants, hash state); the caller shares out the rest, see `Kernel` in ../kernel.ts.
 */
export { lz4Compress, lz4Expand } from "./lz4";
export { buildIndex, getFoundSum, getProbes, lookUp, search, setIndex } from "./search";
export { weakSum, weakSums } from "./weak-sum";
export { getResult, getState } from "./xxh-common";
export { xxh3Block, xxh3Digest, xxh3Reset, xxh3Update } from "./xxh3";
export { xxh64Block, xxh64Digest, xxh64Reset, xxh64Update } from "./xxh64";
