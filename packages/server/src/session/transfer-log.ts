/**
 * What a server session writes to the log: errors always, files with `transfer logging`.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import { type NoticeEvent, SessionLog, type TransferObserver } from "@tsrsync/transfer";
import type { ModulePaths } from "./module-paths.js";
import type { ModuleService } from "./serve-module.js";

/** What the log is told besides errors. */
const NOTABLE = /^(skipping|cannot delete|IO error encountered)/;

/** The observer of a session; its lines go to the service's log. */
export function sessionObserver(
  { request, log }: ModuleService,
  settings: ResolvedSettings,
  paths: ModulePaths,
): TransferObserver {
  const { module, peer, user } = request;
  const sessionLog = new SessionLog(log, {
    settings,
    format: module.transferLogging ? module.logFormat : null,
    sending: settings.serverIsSender,
    local: false,
    isServer: true,
    daemon: {
      peerHost: peer.hostName,
      peerAddress: peer.address,
      moduleName: module.name,
      modulePath: module.path,
      user,
    },
    pathOf: ({ entry, outgoing }) =>
      outgoing ? paths.pathOfSource(entry) : paths.pathInDestination(entry.name),
    pathOfDeleted: (path) => paths.pathInDestination(path),
  });
  return {
    needsCost: sessionLog.needsCost,
    begin: () => sessionLog.begin(),
    item: (event) => sessionLog.item(event),
    deleted: (event) => sessionLog.deleted(event),
    notice({ level, text }: NoticeEvent) {
      if (level !== "info" || NOTABLE.test(text)) log(text.replace(/\n$/, ""));
    },
  };
}
