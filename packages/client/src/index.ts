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
export type {
  ConnectionOptions,
  DeleteOption,
  ListedItem,
  SyncedItem,
  SyncOptions,
  SyncProgress,
} from "./api/options.js";
export { list, listModules, pull, push, type SyncResult } from "./api/sync.js";
export { VERSION } from "./version.js";
