/**
 * rsync for Node applications, without an rsync binary.
 *
 * ```ts
 * import { pull, push } from "tsrsync";
 *
 * await push("site/", "rsync://deploy@host/www/", { delete: true, password: "..." });
 * await pull("rsync://host/backup/today/", "restore/");
 * ```
 * @module
 */
export { ExitCode, RsyncError } from "@tsrsync/protocol";
export type { MovedFile, PathSelection } from "@tsrsync/transfer";
export { changeText } from "./api/change-text.js";
export type { DaemonConnection } from "./api/daemon-connection.js";
export { DaemonRefusal } from "./api/daemon-login.js";
export type {
  ConnectionOptions,
  DeleteOption,
  ListedItem,
  SyncedItem,
  SyncOptions,
  SyncProgress,
} from "./api/options.js";
export { RemoteDirectory, ToldOtherwise } from "./api/remote-directory.js";
export type {
  AlternateDirectory,
  ConnectionAhead,
  RemoteDirectoryOptions,
  RemoteListing,
  RemotePushOptions,
  RemoteRequestOptions,
  RemoteResult,
  RemoteSelectionOptions,
  RemoteTreeOptions,
} from "./api/remote-options.js";
export { list, listModules, pull, push, type SyncResult } from "./api/sync.js";
export { VERSION } from "./version.js";
