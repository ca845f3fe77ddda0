/**
 * `incoming chmod` and `outgoing chmod` of a module (spec 5-daemon, 5.9.6).
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import { parseModeChanges } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TransferOptions } from "@tsrsync/transfer";
import type { ModuleConfig } from "../config/index.js";

/** Which of the two applies depends on what the session is for. A text that can not be read is logged and ignored. */
export function applyModuleChmod(
  options: TransferOptions,
  module: Pick<ModuleConfig, "incomingChmod" | "outgoingChmod">,
  isSender: boolean,
  log: (text: ByteString) => void,
): void {
  const text = isSender ? module.outgoingChmod : module.incomingChmod;
  if (!text) return;
  try {
    options.modeChanges = [...options.modeChanges, ...parseModeChanges(text, process.umask())];
    options.changesFinalModes = !isSender;
  } catch (error) {
    if (!(error instanceof RsyncError)) throw error;
    const name = isSender ? "outgoing chmod" : "incoming chmod";
    log(`Invalid "${name}" directive: ${text}`);
  }
}
