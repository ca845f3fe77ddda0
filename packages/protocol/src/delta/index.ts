export { DeltaSearch, type DeltaSearchOptions, type DeltaSink } from "./delta-search.js";
export {
  DEFAULT_SIGNATURE_LIMITS,
  Signature,
  type SignatureLimits,
  SignatureReader,
} from "./signature.js";
export { SignatureMaker } from "./signature-maker.js";
export {
  basisSizeOf,
  blockSizeOf,
  computeSumHead,
  EMPTY_SUM_HEAD,
  maxBlockLength,
  readSumHead,
  type SumHead,
  type SumHeadLimits,
  type SumHeadOptions,
  writeSumHead,
} from "./sum-head.js";
export {
  MAX_LITERAL,
  readToken,
  storeLiteralHeader,
  writeEnd,
  writeMatch,
} from "./token.js";
