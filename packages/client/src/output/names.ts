/**
 * Lines that name items, and which items get one. Spec: docs/protocol/4-command.md, 13.4 to 13.6.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { fileKind } from "@tsrsync/transfer";
import { ItemFlag, significantFlags } from "./item-flags.js";
import type { ItemEvent } from "./types.js";

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
export function displayName(event: ItemEvent): ByteString {
  return fileKind(event.mode) === "directory" ? `${event.name}/` : event.name;
}

/** What follows the name: the name that a hard link was made from, or a symlink's target. */
export function linkSuffix(event: ItemEvent): { arrow: string; to: ByteString } | null {
  if (isLinked(event)) return { arrow: " => ", to: event.xname ?? "" };
  if (fileKind(event.mode) !== "symlink" || event.linkTarget === null) return null;
  return { arrow: " -> ", to: event.linkTarget };
}

/** A name line, without LF: `f`, `d/`, `l -> target`, `new => existing`. */
export function nameLine(event: ItemEvent): ByteString {
  const suffix = linkSuffix(event);
  return displayName(event) + (suffix ? suffix.arrow + suffix.to : "");
}

/** The line for a deletion where no format tells it. */
export function deletionLine(event: ItemEvent): ByteString {
  return `deleting ${displayName(event)}`;
}

/** A deletion as an item event: its size, ids, permissions and mtime are 0. */
export function deletionEvent(name: ByteString, typeBits: number, groups: boolean): ItemEvent {
  return {
    itemFlags: 0,
    name,
    mode: typeBits & 0o170000,
    size: 0,
    mtime: 0,
    uid: 0,
    gid: groups ? 0 : null,
    linkTarget: null,
    xname: null,
    outgoing: false,
    deleted: true,
    changesUnknown: false,
    directory: "",
    transferBytes: 0,
    sumBytes: 0,
    checksum: null,
  };
}

/** Says how an item that was not deleted is told. What else there is to tell of an unchanged one its generator tells. */
export function itemLine(event: ItemEvent, policy: NamePolicy): ItemLine {
  const changed = significantFlags(event.itemFlags) !== 0 || isLinked(event);
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
function isLinked(event: ItemEvent): boolean {
  return (
    (event.itemFlags & ItemFlag.LocalChange) !== 0 && event.xname !== null && event.xname !== ""
  );
}
