/**
 * `log format`: the line for each file that was sent, received or deleted.
 *
 *     %[']*[-]?[digits]*[']*LETTER
 *
 * Spec: docs/protocol/5-daemon.md, 5.10; widths and links were tried with rsync 3.5.0.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { formatLocalTime } from "./local-time.js";
import { formatLogNumber } from "./log-number.js";

/** What was done with an item, in which session. What is absent prints as nothing, or as zero. */
export interface LogItem {
  readonly operation: "send" | "recv" | "del.";
  /** In the module, without slashes at its ends; `.` is the module itself. */
  readonly name: ByteString;
  /** Relative to the module. */
  readonly path: ByteString;
  readonly isDirectory: boolean;
  /** In bytes; 0 for deletions. */
  readonly size: number;
  readonly host: ByteString;
  readonly address: string;
  readonly module: ByteString;
  readonly modulePath: ByteString;
  readonly user: ByteString;
  /** Bytes on the line for this item, and those of them that were checksums. */
  readonly transferredBytes?: number;
  readonly checksumBytes?: number;
  /** Hex digits of the whole file's checksum. */
  readonly checksum?: string;
  /** Permission bits. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  /** The 11 characters of `-i`. */
  readonly itemized?: string;
  /** The target of a symbolic link. */
  readonly symlinkTarget?: ByteString;
  /** The name that this one is a hard link to. */
  readonly hardLinkTo?: ByteString;
  readonly processId?: number;
  readonly now?: Date;
}

interface Directive {
  readonly width: number;
  readonly isLeftAligned: boolean;
  readonly isZeroFilled: boolean;
  readonly numberStyle: number;
}

type Value = (item: LogItem, directive: Directive) => ByteString;

// A wider field only costs memory: longer lines are cut anyway.
const MAX_WIDTH = 4095;
const DIRECTIVE = /%('*)(-?)(\d{0,23})('*)(.)/gs;
const CHECKSUM_DIGITS = 32;
const DELETED = "*deleting  ";
const PERMISSIONS = "rwxrwxrwx";

function align(text: ByteString, { width, isLeftAligned }: Directive): ByteString {
  return isLeftAligned ? text.padEnd(width) : text.padStart(width);
}

const text =
  (value: (item: LogItem) => ByteString): Value =>
  (item, directive) =>
    align(value(item), directive);

const bytes =
  (value: (item: LogItem) => number): Value =>
  (item, directive) =>
    align(formatLogNumber(value(item), directive.numberStyle), directive);

/** Only these are formatted as numbers, so that zeros can fill them. */
const id =
  (value: (item: LogItem) => number): Value =>
  (item, directive) => {
    const digits = String(value(item));
    return directive.isZeroFilled
      ? digits.padStart(directive.width, "0")
      : align(digits, directive);
  };

/** The width is that of the target alone; without a link the columns of the arrow are blank, too. */
const link: Value = ({ symlinkTarget, hardLinkTo }, directive) => {
  if (hardLinkTo !== undefined) return ` => ${align(hardLinkTo, directive)}`;
  if (symlinkTarget !== undefined) return ` -> ${align(symlinkTarget, directive)}`;
  return directive.width > 0 ? " ".repeat(directive.width + " -> ".length) : "";
};

/** Groups that could not be kept are those of the receiving user. */
const group: Value = (item, directive) => {
  const { gid } = item;
  return gid === undefined ? align("DEFAULT", directive) : id(() => gid)(item, directive);
};

function formatPermissions(mode: number): string {
  const letters = [...PERMISSIONS].map((letter, i) => (mode & (0o400 >> i) ? letter : "-"));
  const special = [
    [0o4000, 2, "s"],
    [0o2000, 5, "s"],
    [0o1000, 8, "t"],
  ] as const;
  for (const [bit, at, letter] of special) {
    if (mode & bit) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  }
  return letters.join("");
}

const shortName = ({ name, isDirectory }: LogItem): ByteString => (isDirectory ? `${name}/` : name);

const itemized = (item: LogItem): string =>
  item.operation === "del." ? DELETED : (item.itemized ?? "");

const VALUES: ReadonlyMap<string, Value> = new Map([
  ["%", text(() => "%")],
  ["a", text((item) => item.address)],
  ["b", bytes((item) => item.transferredBytes ?? 0)],
  ["B", text((item) => formatPermissions(item.mode ?? 0))],
  ["c", bytes((item) => item.checksumBytes ?? 0)],
  ["C", text((item) => item.checksum ?? " ".repeat(CHECKSUM_DIGITS))],
  ["f", text((item) => item.path)],
  ["G", group],
  ["h", text((item) => item.host)],
  ["i", text(itemized)],
  ["l", bytes((item) => item.size)],
  ["L", link],
  ["m", text((item) => item.module)],
  ["M", text((item) => formatLocalTime(new Date((item.mtime ?? 0) * 1000), "-"))],
  ["n", text(shortName)],
  ["o", text((item) => item.operation)],
  ["p", id((item) => item.processId ?? process.pid)],
  ["P", text((item) => item.modulePath)],
  ["t", text((item) => formatLocalTime(item.now ?? new Date()))],
  ["u", text((item) => item.user)],
  ["U", id((item) => item.uid ?? 0)],
]);

/** The line for an item, unescaped. Letters that mean nothing stay as typed. */
export function formatLogLine(format: ByteString, item: LogItem): ByteString {
  let tellsDeletions = false;
  const line = format.replace(
    DIRECTIVE,
    (typed, before: string, minus: string, digits: string, after: string, letter: string) => {
      const value = VALUES.get(letter);
      if (value === undefined) return typed;
      tellsDeletions ||= letter === "i" || letter === "o";
      return value(item, {
        width: Math.min(Number(digits), MAX_WIDTH),
        isLeftAligned: minus !== "",
        isZeroFilled: minus === "" && digits.startsWith("0"),
        numberStyle: before.length + after.length,
      });
    },
  );
  if (item.operation !== "del." || tellsDeletions) return line;
  return `deleting ${shortName(item)}`;
}

/** Whether the format tells of more than transfers: without `%i` only files with data and deletions are logged. */
export function logsEveryItem(format: ByteString): boolean {
  return [...format.matchAll(DIRECTIVE)].some(([, , , , , letter]) => letter === "i");
}
