export { type ChecksumName, digestLengthOf } from "./checksum-name.js";
export type { HashProviders, HashStream } from "./hash-stream.js";
export { loadListHash, loadStrongSum } from "./load-strong-sum.js";
export type { ChecksumContext, StrongSum } from "./strong-sum.js";
