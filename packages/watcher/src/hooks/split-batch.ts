/**
 * The parts of a batch that a hook deals with one by one. Each has its own time and its own attempts: a path that fails, or takes
 * long, keeps the hook from no other.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { HookSettings } from "../config/settings.js";
import { isPerPath } from "./cdn-template-hook.js";
import { splitPaths } from "./command-hook.js";
import type { HookBatch } from "./hook-batch.js";

/** The batches that together have all paths of `batch`. */
export function splitBatch(settings: HookSettings, batch: HookBatch): HookBatch[] {
  return partsOf(settings, batch).map((paths) => ({ ...batch, paths }));
}

function partsOf(settings: HookSettings, batch: HookBatch): (readonly ByteString[])[] {
  if (settings.kind === "command") return splitPaths(settings.argv, batch);
  const isEach =
    settings.kind === "cdn"
      ? settings.request !== null && isPerPath(settings.request)
      : settings.format === "compat";
  return isEach ? batch.paths.map((path) => [path]) : [batch.paths];
}
