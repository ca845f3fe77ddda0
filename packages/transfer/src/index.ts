/**
 * The roles of an rsync session (sender, generator, receiver) over any duplex stream and any file tree.
 * @module
 */

export { SUPPORTED_COMPRESSIONS } from "./compression/index.js";
export {
  type FilterPlace,
  type FilterSetup,
  isHiddenPath,
  NO_FILTERS,
  RequestedNames,
  type RequestOptions,
  RuleFiles,
  rulesOfOptions,
} from "./filter/index.js";
export type { Privileges } from "./generator/differences.js";
export { type Identities, NO_IDENTITIES } from "./identity/identities.js";
export { processPrivileges } from "./identity/process-privileges.js";
export {
  type Account,
  accounts,
  type Group,
  groups,
  systemIdentities,
} from "./identity/system-identities.js";
export * from "./item-lines/index.js";
export * from "./log/index.js";
export type { Destination } from "./receiver/destination.js";
export {
  type DestinationPlace,
  type DestinationRequest,
  openDestination,
} from "./receiver/open-destination.js";
export { type OpenDestination, runReceiver } from "./run-receiver.js";
export { runSender, type SendRequest } from "./run-sender.js";
export { expandWildcards } from "./sender/expand-wildcards.js";
export { looksThroughLinks } from "./sender/look-through.js";
export type { Hides } from "./sender/scanner.js";
export type { MovedFile, PathSelection } from "./sender/selection.js";
export {
  MAX_SOURCES,
  parseSourceArgument,
  type Source,
  type SourceArgument,
} from "./sender/source.js";
export { joinPaths, type SourcePlace, Sources } from "./sender/sources.js";
export {
  type AlgorithmLists,
  type AlgorithmOffer,
  algorithmListsOf,
  offerAhead,
  SUPPORTED_CHECKSUMS,
} from "./session/algorithms.js";
export type { ByteStream } from "./session/byte-stream.js";
export { convertWords, loadCharset, ownCharset } from "./session/charset.js";
export { conductSession, isToldToPeer } from "./session/end-session.js";
export { advertisedVersion, exchangeVersions } from "./session/exchange-versions.js";
export {
  type ErrorOrigin,
  errorName,
  exitLine,
  failureText,
  lastWords,
  type Role,
} from "./session/last-words.js";
export { LineChannel } from "./session/line-channel.js";
export { loadLoginDigest } from "./session/login-digest.js";
export type { NameList } from "./session/name-list.js";
export type {
  DeletionEvent,
  ItemCost,
  ItemEvent,
  NotBatchedEvent,
  NoticeEvent,
  NoticeLevel,
  ProgressEvent,
  ShownChecksum,
  SkipEvent,
  TransferObserver,
} from "./session/observer.js";
export {
  type DeleteTiming,
  defaultTransferOptions,
  type TransferOptions,
} from "./session/options.js";
export { transferOptionsFrom } from "./session/options-from-settings.js";
export { backupDirectoryText, ServerObserver, skipText } from "./session/server-observer.js";
export { type BatchRecorder, RemoteExit, Session } from "./session/session.js";
export { negotiatesAlgorithms, type SetUpRequest, setUpSession } from "./session/set-up.js";
export type { KindCounts, TransferStatistics } from "./session/statistics.js";
export { refuseUnsupported } from "./session/supported-options.js";
export { abortReason, announceTimeout } from "./session/vitality.js";
export { type Watch, Watchdog } from "./session/watchdog.js";
export { whenAborted } from "./session/when-aborted.js";
export { setSocketOptions } from "./sockets/socket-options.js";
export * from "./text/index.js";
export {
  type Awaitable,
  type FileStat,
  type FileTime,
  type FileTree,
  type LookOptions,
  type ReadingOptions,
  type SubtreeOptions,
  type TemporaryFile,
  type TemporaryStyle,
  TreeError,
  type TreeFile,
} from "./tree/file-tree.js";
export {
  type Confinement,
  confinementOf,
  errorCode,
  errorText,
  MemoryTree,
  type NodeTree,
  type OpenTreeOptions,
  openBelow,
  openOperatorDirectory,
  openOperatorTree,
  openTree,
  openTrusted,
  type PartOfWay,
  pathBytes,
  readTrusted,
  reason,
  treeError,
} from "./tree/index.js";
export { fromNodeStat } from "./tree/node-stat.js";
