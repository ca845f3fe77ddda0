/**
 * All that walks through a root, or looks at its directories in intervals.
 * @module
 */
import { Explorer } from "./explorer.js";
import { Poller } from "./poller.js";
import type { RootParts } from "./root-parts.js";
import { Scans } from "./scans.js";
import type { WalkContext } from "./walk.js";

/** What every walk needs; the file system that is not left is known when the root begins to be watched. */
export function createWalkContext(parts: RootParts): WalkContext {
  return {
    disk: parts.disk,
    watched: parts.watched,
    isHidden: parts.options.isHidden,
    device: null,
    warn: (text) => parts.listener.warned(text),
    detached: (node) => parts.events.missed(node),
    walked: (start) => parts.doubts.walked(start),
    mounted: (path, device) => parts.health.mounted(path, device),
    linked: (node, name, entry) => parts.linked?.note(node, name, entry),
  };
}

export function createExplorer(parts: RootParts): Explorer {
  return new Explorer({
    walk: parts.walk,
    marks: parts.marks,
    openFiles: parts.openFiles,
    takeMissed: (node) => parts.events.takeMissed(node),
    doubtsAbout: (node) => parts.doubts.about(node),
  });
}

export function createPoller(parts: RootParts): Poller {
  const { disk, watched, marks, openFiles, options } = parts;
  return new Poller({
    disk,
    watched,
    marks,
    openFiles,
    isHidden: options.isHidden,
    intervalMs: options.pollIntervalMs,
    device: () => parts.walk.device,
    explore: (node) => parts.explorer.explore(node, true),
  });
}

export function createScans(parts: RootParts): Scans {
  const context = {
    options: parts.options,
    snapshot: parts.snapshot,
    walk: parts.walk,
    marks: parts.marks,
    openFiles: parts.openFiles,
    root: () => parts.disk.lookAtRoot(),
    shards: () => parts.shards.count,
  };
  return new Scans(context, () => parts.tellLimit());
}
