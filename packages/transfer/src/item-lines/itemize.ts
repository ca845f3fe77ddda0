/**
 * The change string of `-i` and `%i`: `YXcstpoguax`. Spec: docs/protocol/4-command.md, 13.5.
 * @module
 */
import { ItemFlag } from "@tsrsync/protocol/item";
import { type FileKind, fileKind } from "../text/index.js";
import type { PrintedItem } from "./printed-item.js";

/** What the change string depends on besides the item. */
export interface ItemizeSettings {
  /** A copy without a connection: data then counts as received, `>`. */
  local: boolean;
  /** `-t`: a difference in mtime is going to be repaired. */
  preserveTimes: boolean;
}

/** What of an item its change string is made of. */
export type ItemizedEvent = Pick<
  PrintedItem,
  "itemFlags" | "mode" | "xname" | "outgoing" | "deleted" | "changesUnknown"
>;

/** Stands for the change string of a deleted item. */
export const DELETING = "*deleting  ";

const UNCHANGED = ".........";

const TYPE_LETTERS: Readonly<Record<FileKind, string>> = {
  regular: "f",
  directory: "d",
  symlink: "L",
  character: "D",
  block: "D",
  socket: "S",
  fifo: "S",
};

function updateLetter(event: ItemizedEvent, local: boolean): string {
  const { itemFlags } = event;
  if (itemFlags & ItemFlag.LocalChange) return itemFlags & ItemFlag.XnameFollows ? "h" : "c";
  if (itemFlags & ItemFlag.Transfer) return event.outgoing && !local ? "<" : ">";
  return ".";
}

function timeLetter(flags: number, isSymlink: boolean, preserveTimes: boolean): string {
  if (!(flags & ItemFlag.ReportTime)) return ".";
  const canNotBeSet = isSymlink && (flags & ItemFlag.ReportSize) !== 0;
  return preserveTimes && !canNotBeSet ? "t" : "T";
}

function otherTimesLetter(flags: number): string {
  if (flags & ItemFlag.ReportAtime) return flags & ItemFlag.ReportCrtime ? "b" : "u";
  return flags & ItemFlag.ReportCrtime ? "n" : ".";
}

function attributeLetters(flags: number, isSymlink: boolean, preserveTimes: boolean): string {
  const letter = (flag: number, name: string) => (flags & flag ? name : ".");
  return (
    letter(ItemFlag.ReportChange, "c") +
    (isSymlink ? "." : letter(ItemFlag.ReportSize, "s")) +
    timeLetter(flags, isSymlink, preserveTimes) +
    letter(ItemFlag.ReportPerms, "p") +
    letter(ItemFlag.ReportOwner, "o") +
    letter(ItemFlag.ReportGroup, "g") +
    otherTimesLetter(flags) +
    letter(ItemFlag.ReportAcl, "a") +
    letter(ItemFlag.ReportXattr, "x")
  );
}

/** The eleven characters for one item. */
export function formatItemized(event: ItemizedEvent, settings: ItemizeSettings): string {
  if (event.deleted) return DELETING;
  const kind = fileKind(event.mode);
  const update = updateLetter(event, settings.local);
  const head = update + TYPE_LETTERS[kind];
  if (event.itemFlags & ItemFlag.IsNew) return `${head}+++++++++`;
  if (event.changesUnknown) return `${head}?????????`;
  const letters = attributeLetters(event.itemFlags, kind === "symlink", settings.preserveTimes);
  return head + (letters === UNCHANGED && ".hc".includes(update) ? " ".repeat(9) : letters);
}
