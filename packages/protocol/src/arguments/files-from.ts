/**
 * Where the list of `--files-from` is.
 * Spec: docs/protocol/4-command.md, 5, 7 and 7.2.
 * @module
 */
import { UsageError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { parseLocation } from "./location.js";
import { OptionError } from "./option-error.js";

/** Whether the list lies on the remote host: `:PATH` or `HOST:PATH`. */
export function isRemoteList(filesFrom: ByteString | null): boolean {
  return filesFrom !== null && parseLocation(filesFrom).kind !== "local";
}

/** The path on the remote host; empty for a list of our own. */
export function remoteListPath(filesFrom: ByteString | null): ByteString {
  const location = filesFrom === null ? null : parseLocation(filesFrom);
  return location === null || location.kind === "local" ? "" : location.path;
}

/**
 * Refuses a list that is on another host than the transfer.
 * @param hostSpec the `USER@HOST` of the transfer; null for a local copy.
 * @throws UsageError or OptionError
 */
export function checkFilesFrom(filesFrom: ByteString | null, hostSpec: ByteString | null): void {
  if (filesFrom === null) return;
  const location = parseLocation(filesFrom);
  if (location.kind === "local") return;
  if (location.path === "-") throw new OptionError("Invalid --files-from remote filename");
  if (hostSpec === null) {
    throw new UsageError("--files-from cannot be remote when the transfer is local");
  }
  if (location.hostSpec !== "" && location.hostSpec !== hostSpec) {
    throw new UsageError("--files-from hostname is not the same as the transfer hostname");
  }
}
