/**
 * What the kernel tells, as sersync's debug shows it: a line for each watch, a line for each event (spec 6, 1.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { displayPath } from "./display-path.js";
import type { Logger } from "./logger.js";

/** A watch was set. Costs nothing unless the log is at `debug`. */
export function logWatch(logger: Logger, root: string, path: ByteString, wd: number): void {
  if (!logger.isEnabled("debug")) return;
  logger.debug(`watch wd:${wd} path:${displayPath(path === "" ? "." : path)}`, { root });
}

/** An event came. Costs nothing unless the log is at `debug`. */
export function logKernelEvent(logger: Logger, wd: number, name: ByteString, mask: number): void {
  if (!logger.isEnabled("debug")) return;
  logger.debug(`inotify wd:${wd} name:${displayPath(name)} mask:0x${(mask >>> 0).toString(16)}`);
}
