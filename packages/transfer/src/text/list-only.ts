/**
 * Listings: `--list-only` and the modules of a daemon. Spec: docs/protocol/4-command.md, 13.10.
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { fileKind, formatMode } from "./file-mode.js";
import { formatBytes, type NumberStyle } from "./human-number.js";
import { formatLocalTime } from "./local-time.js";

/** A file list entry as far as a listing shows it. Times are seconds since 1970. */
export interface ListedEntry {
  name: ByteString;
  /** 0 for a missing source argument that is to be deleted. */
  mode: number;
  size: number;
  mtime: number;
  /** `null` without `-U`. */
  atime: number | null;
  /** `null` without `-l`. */
  linkTarget: ByteString | null;
}

const DATE_WIDTH = 20;

/** The line for an entry of a file list; without `-l` no link target is shown. */
export function entryLine(entry: FileEntry, numbers: NumberStyle, showTarget: boolean): ByteString {
  const { name, mode, size, mtime, extra } = entry;
  const linkTarget = showTarget ? (extra?.linkTarget ?? null) : null;
  return listOnlyLine({ name, mode, size, mtime, atime: null, linkTarget }, numbers);
}

/** One line of `--list-only`, unescaped, without LF. */
export function listOnlyLine(entry: ListedEntry, numbers: NumberStyle): ByteString {
  const sizeWidth = numbers.humanLevel === 0 ? 11 : 14;
  const atime = entry.atime === null ? "" : atimeColumn(entry.mode, entry.atime);
  if (entry.mode === 0) {
    const width = 10 + 1 + sizeWidth + DATE_WIDTH + atime.length;
    return `${"*missing".padEnd(width)} ${entry.name}`;
  }
  const kind = fileKind(entry.mode);
  const hasSize = kind === "regular" || kind === "directory" || kind === "symlink";
  const size = formatBytes(hasSize ? entry.size : 0, numbers).padStart(sizeWidth);
  const mtime = formatLocalTime(entry.mtime);
  const target = kind === "symlink" && entry.linkTarget !== null ? ` -> ${entry.linkTarget}` : "";
  return `${formatMode(entry.mode)} ${size} ${mtime}${atime} ${entry.name}${target}`;
}

function atimeColumn(mode: number, atime: number): string {
  if (mode === 0 || fileKind(mode) === "directory") return " ".repeat(DATE_WIDTH);
  return ` ${formatLocalTime(atime)}`;
}

/** One line of a daemon's module list, without LF. */
export function moduleLine(name: ByteString, comment: ByteString): ByteString {
  return `${name.padEnd(15)}\t${comment}`;
}
