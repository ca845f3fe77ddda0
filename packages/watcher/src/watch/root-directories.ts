/**
 * The directories of a root, those behind links included, and what follows when one comes, moves or goes.
 * @module
 */
import { DirectoryLinks } from "../links/directory-links.js";
import { Reach } from "../state/mark.js";
import { FollowingDisk } from "./following-disk.js";
import { LinkWatch } from "./link-watch.js";
import type { RootParts } from "./root-parts.js";
import { WatchedTree, type WatchedTreeObserver } from "./watched-tree.js";

/** The disk of a root in which links to directories look like these. */
export function createFollowingDisk(parts: RootParts): FollowingDisk {
  const { path } = parts.options;
  return new FollowingDisk(path, new DirectoryLinks(path), (link, identity) =>
    parts.links?.noted(link, identity),
  );
}

export function createWatchedTree(parts: RootParts): WatchedTree {
  const observer: WatchedTreeObserver = {
    dropped: (node) => dropped(parts, node),
    displaced: (path) => {
      parts.links?.forgetBelow(path);
      parts.marks.mark(path, Reach.Reconcile);
    },
    looked: (node) => parts.doubts.looked(node),
    placed: (node) => placed(parts, node),
    polled: (node) => parts.poller.added(node),
    watched: (watch, path) => parts.listener.kernel?.watched(watch, path),
  };
  const isNeeded = (watch: number): boolean => parts.links?.hasWatch(watch) === true;
  const sharing = parts.options.followSymlinkDirs ? { isNeeded } : null;
  return new WatchedTree(parts.disk, parts.shards, observer, sharing);
}

function placed({ links, watched, explorer }: RootParts, node: number): void {
  const path = links === null ? null : watched.tree.path(node);
  if (path !== null) {
    // Links in it may lead elsewhere now.
    links?.forgetBelow(path);
    explorer.exploreAgain(node);
  }
  explorer.placed(node);
}

function dropped(parts: RootParts, node: number): void {
  parts.explorer.walks.dropped(node);
  parts.scans.dropped(node);
  parts.openFiles.dropped(node);
  parts.events.dropped(node);
  parts.doubts.dropped(node);
  parts.poller.dropped(node);
}

/** Watches the ways of links, where they are followed. */
export function createLinkWatch(parts: RootParts, disk: FollowingDisk): LinkWatch {
  const { watched, marks, options } = parts;
  return new LinkWatch({
    disk,
    watched,
    marks,
    watches: {
      add: (directory) => watched.watchAside(directory),
      release: (watch) => watched.release(watch),
    },
    isHidden: options.isHidden,
    pollIntervalMs: options.pollIntervalMs,
    device: () => parts.walk.device,
    explore: (node, isNew) =>
      isNew ? parts.explorer.explore(node, false) : parts.explorer.exploreAgain(node),
    flush: () => {
      parts.explorer.walks.runNow();
      marks.flush();
    },
    warn: (text) => parts.listener.warned(text),
  });
}
