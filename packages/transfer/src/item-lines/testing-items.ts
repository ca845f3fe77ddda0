/**
 * Item events for tests: a new regular file, with what differs from it.
 * @module
 */
import type { FormatSettings } from "./out-format.js";
import type { PrintedItem } from "./printed-item.js";

/** A regular file `f` that is transferred in a local copy, changed by `changes`. */
export function itemEvent(changes: Partial<PrintedItem> = {}): PrintedItem {
  return {
    itemFlags: 0xa000,
    name: "f",
    mode: 0o100644,
    size: 3,
    mtime: 1_600_000_000,
    uid: 0,
    gid: 0,
    linkTarget: null,
    xname: null,
    outgoing: true,
    deleted: false,
    changesUnknown: false,
    path: "s/f",
    transferBytes: 0,
    sumBytes: 0,
    checksum: null,
    checksumDigits: 32,
    ...changes,
  };
}

/** The settings of a local `rsync -a`, at a fixed moment. */
export const LOCAL_COPY: FormatSettings = {
  local: true,
  preserveTimes: true,
  separator: ",",
  processId: 4938,
  now: () => 1_600_000_000,
  daemon: null,
};

/** The second character of a change string. */
export type TypeLetter = "f" | "d" | "L" | "D" | "S";

/** Type and permission bits by the letter of the change string. */
export const MODES: Readonly<Record<TypeLetter, number>> = {
  f: 0o100644,
  d: 0o040755,
  L: 0o120777,
  D: 0o020644,
  S: 0o010644,
};
