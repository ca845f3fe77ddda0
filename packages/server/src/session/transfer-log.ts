/**
 * What a server session writes to the log: errors always, files with `transfer logging`.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { ItemFlag } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TransferObserver } from "@tsrsync/transfer";
import { formatLogLine, logsEveryItem } from "../log/index.js";
import type { ModulePaths } from "./module-paths.js";
import type { ModuleService } from "./serve-module.js";

const S_IFDIR = 0o040000;

/** What the log is told besides errors. */
const NOTABLE = /^(skipping|cannot delete|IO error encountered)/;

/** The observer of a session; its lines go to the service's log. */
export function sessionObserver(
  { request, log }: ModuleService,
  settings: ResolvedSettings,
  paths: ModulePaths,
): TransferObserver {
  const observer: TransferObserver = {
    notice({ level, text }) {
      if (level !== "info" || NOTABLE.test(text)) log(text.replace(/\n$/, ""));
    },
  };
  const { module, peer, user } = request;
  if (!module.transferLogging || settings.dryRun) return observer;
  const common = {
    module: module.name,
    modulePath: module.path,
    user,
    host: peer.hostName,
    address: peer.address,
  };
  const everyItem = logsEveryItem(module.logFormat);
  const line = (
    operation: "send" | "recv" | "del.",
    name: ByteString,
    path: ByteString,
    size: number,
    isDirectory: boolean,
  ) =>
    log(formatLogLine(module.logFormat, { ...common, operation, name, path, size, isDirectory }));
  return {
    ...observer,
    item({ entry, flags, outgoing }) {
      if (!everyItem && (flags & ItemFlag.Transfer) === 0) return;
      const { name, mode, size } = entry;
      const path = outgoing ? paths.pathOfSource(entry) : paths.pathInDestination(name);
      line(outgoing ? "send" : "recv", name, path, size, (mode & 0o170000) === S_IFDIR);
    },
    deleted({ path, isDirectory }) {
      line("del.", path, paths.pathInDestination(path), 0, isDirectory);
    },
  };
}
