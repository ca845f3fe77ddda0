export { type ArgumentListLimits, ArgumentListReader } from "./argument-list-reader.js";
export {
  type AuthDigest,
  type AuthReply,
  authResponse,
  chooseDigest,
  constantTimeEqual,
  DIGEST_NAMES,
  type DigestFunction,
  type DigestName,
  formatAuthReply,
  makeChallenge,
  parseAuthReply,
} from "./auth.js";
export { encodeBase64 } from "./base64.js";
export {
  advertisedProtocol,
  CF_AVOID_XATTR_OPTIM,
  CF_CHKSUM_SEED_FIX,
  CF_ID0_NAMES,
  CF_INC_RECURSE,
  CF_INPLACE_PARTIAL_DIR,
  CF_SAFE_FLIST,
  CF_SYMLINK_ICONV,
  CF_SYMLINK_TIMES,
  CF_VARINT_FLIST_FLAGS,
  checkCompatFlags,
  compatFlagsForClient,
  readCompatFlags,
  type ServerAbilities,
  writeCompatFlags,
} from "./compat.js";
export {
  type DaemonReply,
  formatAuthRequired,
  formatDaemonError,
  formatModuleLine,
  type ModuleLine,
  parseDaemonReply,
  parseModuleLine,
  REPLY_EXIT,
  REPLY_OK,
} from "./daemon-reply.js";
export {
  type DaemonRequest,
  formatDaemonRequest,
  MAX_EARLY_INPUT,
  parseDaemonRequest,
} from "./daemon-request.js";
export {
  formatGreeting,
  type Greeting,
  MIN_PROTOCOL,
  negotiateProtocol,
  PROTOCOL_VERSION,
  type ProtocolVersion,
  parseGreeting,
} from "./greeting.js";
export { LineReader, MAX_AUTH_LINE, MAX_CLIENT_LINE, MAX_REQUEST_LINE } from "./line-reader.js";
export {
  type AlgorithmKind,
  canonicalName,
  chooseByClientOrder,
  namesToOffer,
  readNameList,
  writeNameList,
} from "./name-list.js";
export {
  type Algorithms,
  concludeNegotiation,
  type ForcedChecksum,
  listsToSend,
  type NegotiationInput,
  type NegotiationLists,
  parseChecksumChoice,
  parseCompressChoice,
} from "./negotiation.js";
export type { HandshakeRole } from "./role.js";
