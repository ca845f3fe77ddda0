export { type Aliases, parseAliases } from "./alias.js";
export { changeMode, type ModeChange, parseModeChanges } from "./chmod.js";
export { compileExpression, type Expression, type Scope } from "./expression.js";
export { checkFilesFrom, isRemoteList, remoteListPath } from "./files-from.js";
export {
  type LocalLocation,
  type Location,
  parseLocation,
  type RemoteLocation,
} from "./location.js";
export {
  DEBUG_BY_VERBOSITY,
  DEBUG_FLAGS,
  type DebugFlag,
  debugLevels,
  INFO_BY_VERBOSITY,
  INFO_FLAGS,
  type InfoFlag,
  infoForServer,
  infoLevels,
  limitDebugLevels,
  limitInfoLevels,
  type MessageLevels,
} from "./message-levels.js";
export { parseInteger, parseSize, type SizeRule } from "./numbers.js";
export { OptionError } from "./option-error.js";
export { type FoundOption, findOption, optionIndex } from "./option-index.js";
export type {
  OptionMode,
  OptionProblem,
  OptionSpec,
  SettingEffect,
  ValueKind,
  WireEntry,
} from "./option-spec.js";
export { OPTIONS } from "./options.js";
export { formatHas } from "./output-format.js";
export { type ParsedArguments, type ParseOptions, parseArguments } from "./parse.js";
export { unquoteArguments } from "./quote.js";
export { type RemoteCommand, remoteCommand, splitShellCommand } from "./remote-shell.js";
export { type Environment, type ResolvedSettings, resolveSettings } from "./resolve.js";
export {
  allowsIncrementalRecursion,
  deletionTiming,
  partialDirRule,
} from "./resolve-receiver.js";
export {
  clientCapabilities,
  encodeArgumentList,
  type ServerArguments,
  type ServerSession,
  serverArguments,
} from "./server-arguments.js";
export {
  parseServerRequest,
  refusalText,
  type ServerRequest,
  type ServerRequestOptions,
} from "./server-request.js";
export { type FilterOption, type Settings, type StopOption, startSettings } from "./settings.js";
export { parseStopTime } from "./stop-time.js";
export { type RemoteHost, resolveTransfer, type Transfer, UsageNeeded } from "./transfer.js";
