/**
 * What `--debug` tells of options and of the way to the other end.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ClientRun } from "./run-client.js";

/** Tells a line about connections, commands or rules, which is made only if the user wants to know of such. */
export function debugLine(
  { settings, observer }: Pick<ClientRun, "settings" | "observer">,
  flag: "CMD" | "CONNECT" | "FILTER",
  text: () => ByteString,
): void {
  if (settings.debugLevels.levels[flag] === 0) return;
  observer.notice?.({ level: "info", text: `${text()}\n`, remote: false });
}
