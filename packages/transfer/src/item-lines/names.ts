/**
 * Lines that name items, and which items get one. Spec: docs/protocol/4-command.md, 13.4 to 13.6.
 * @module
 */
import { FileType } from "@tsrsync/protocol/file-list";
import { ItemFlag, SIGNIFICANT_ITEM_FLAGS } from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { DeletionEvent } from "../session/observer.js";
import { fileKind } from "../text/index.js";
import type { PrintedItem } from "./printed-item.js";

/** What the options say about names. */
export interface NamePolicy {
  /** A format is in use: `--out-format` (also an empty one), `-i`, or NAME at 1 or more. */
  hasFormat: boolean;
  /** The format has `%i`. */
  hasItemize: boolean;
  /** The format has `%o`. */
  hasOperation: boolean;
  /** `-ii`: unchanged items are listed, too. */
  everyItem: boolean;
  /** Level of the info flag NAME. */
  nameLevel: number;
  /** Level of the info flag DEL. */
  deleteLevel: number;
}

/** How an item is told: by the format, or not at all. */
export type ItemLine = "format" | "none";

/** How a deletion is told: by the format, as `deleting NAME`, or not at all. */
export type DeletionLine = "format" | "deleting" | "none";

/** The name with a slash after a directory's: `d/`, `./` for the root. */
export function displayName(event: PrintedItem): ByteString {
  return fileKind(event.mode) === "directory" ? `${event.name}/` : event.name;
}

/** What follows the name: the name that a hard link was made from, or a symlink's target. */
export function linkSuffix(event: PrintedItem): { arrow: string; to: ByteString } | null {
  if (isLinked(event)) return { arrow: " => ", to: event.xname ?? "" };
  if (fileKind(event.mode) !== "symlink" || event.linkTarget === null) return null;
  return { arrow: " -> ", to: event.linkTarget };
}

/** A name line, without LF: `f`, `d/`, `l -> target`, `new => existing`. */
export function nameLine(event: PrintedItem): ByteString {
  const suffix = linkSuffix(event);
  return displayName(event) + (suffix ? suffix.arrow + suffix.to : "");
}

/** The line for a deletion where no format tells it. */
export function deletionLine(event: PrintedItem): ByteString {
  return `deleting ${displayName(event)}`;
}

/** A deletion as an item: its size, ids and mtime are 0. */
export function deletionEvent(
  { path: name, isDirectory, permissions }: DeletionEvent,
  groups: boolean,
): PrintedItem {
  return {
    itemFlags: 0,
    name,
    mode: (isDirectory ? FileType.Directory : FileType.Regular) | permissions,
    size: 0,
    mtime: 0,
    uid: 0,
    gid: groups ? 0 : null,
    linkTarget: null,
    xname: null,
    outgoing: false,
    deleted: true,
    changesUnknown: false,
    path: name,
    transferBytes: 0,
    sumBytes: 0,
    checksum: null,
    checksumDigits: 32,
  };
}

/** Says how an item that was not deleted is told. What else there is to tell of an unchanged one its generator tells. */
export function itemLine(event: PrintedItem, policy: NamePolicy): ItemLine {
  const changed = (event.itemFlags & SIGNIFICANT_ITEM_FLAGS) !== 0 || isLinked(event);
  if (policy.hasItemize) {
    return changed || policy.everyItem || policy.nameLevel >= 2 ? "format" : "none";
  }
  const isDirectory = fileKind(event.mode) === "directory";
  const changedHere = (event.itemFlags & ItemFlag.LocalChange) !== 0;
  const isTold = isDirectory || changedHere || (event.itemFlags & ItemFlag.Transfer) !== 0;
  if (changed && isTold) return policy.hasFormat ? "format" : "none";
  return "none";
}

/** Says how a deletion is told. A format tells of deletions even at DEL level 0. */
export function deletionLineKind(policy: NamePolicy): DeletionLine {
  if (policy.hasItemize || policy.hasOperation) return "format";
  return policy.deleteLevel >= 1 || policy.hasFormat ? "deleting" : "none";
}

// A transfer may have an xname as well: the name of its fuzzy basis, which is nobody's business.
function isLinked(event: PrintedItem): boolean {
  return (
    (event.itemFlags & ItemFlag.LocalChange) !== 0 && event.xname !== null && event.xname !== ""
  );
}
