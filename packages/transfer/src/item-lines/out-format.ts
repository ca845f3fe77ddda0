/**
 * `--out-format` and `--log-file-format`. Spec: docs/protocol/4-command.md, 13.6.
 *
 *     %[']*[-]?[digits]*[']*LETTER
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  formatBytes,
  formatLocalTime,
  formatPermissions,
  type NumberStyle,
} from "../text/index.js";
import { formatItemized, type ItemizeSettings } from "./itemize.js";
import { displayName, linkSuffix } from "./names.js";
import type { PrintedItem } from "./printed-item.js";

/** What the values of a format depend on besides the item. */
export interface FormatSettings extends ItemizeSettings {
  separator: NumberStyle["separator"];
  processId: number;
  /** Seconds since 1970. */
  now(): number;
  /** Present in a daemon only. */
  daemon: DaemonFacts | null;
}

/** What only a daemon knows. */
export interface DaemonFacts {
  peerHost: ByteString;
  peerAddress: ByteString;
  moduleName: ByteString;
  modulePath: ByteString;
  user: ByteString;
}

/** A format, compiled once for a run. */
export interface OutFormat {
  /** It has `%i`. */
  readonly hasItemize: boolean;
  /** It has `%o`. */
  readonly hasOperation: boolean;
  /** It has `%b`, `%c` or `%C`, which are known only after the transfer of the file. */
  readonly isLate: boolean;
  /** The line for one item, unescaped, without LF. */
  format(event: PrintedItem): ByteString;
}

/** The format of `-i`, and of a log file. */
export const ITEMIZE_FORMAT = "%i %n%L";

/** The format of NAME without one of the user's. */
export const NAME_FORMAT = "%n%L";

interface Directive {
  text: ByteString;
  letter: string;
  width: number;
  leftAligned: boolean;
  zeroFilled: boolean;
  humanLevel: number;
}

type Value = (event: PrintedItem, directive: Directive) => ByteString;
type Part = ByteString | { directive: Directive; value: Value };

// rsync builds the line in a buffer of this size; a wider field only costs memory.
const MAX_WIDTH = 4095;

// More digits are not a width, as in rsync.
const DIRECTIVE = /%('*)(-?)(\d{0,23})('*)(.)/gs;

/** Compiles a format. An unknown letter, or one whose value does not exist here, stays as written. */
export function compileOutFormat(format: ByteString, settings: FormatSettings): OutFormat {
  const values = formatValues(settings);
  const parts: Part[] = [];
  const letters = new Set<string>();
  let end = 0;
  for (const match of format.matchAll(DIRECTIVE)) {
    const directive = parseDirective(match);
    const value = values[directive.letter];
    if (value === undefined) continue;
    parts.push(format.slice(end, match.index), { directive, value });
    letters.add(directive.letter);
    end = match.index + directive.text.length;
  }
  parts.push(format.slice(end));
  return {
    hasItemize: letters.has("i"),
    hasOperation: letters.has("o"),
    isLate: letters.has("b") || letters.has("c") || letters.has("C"),
    format: (event) => parts.map((part) => formatPart(part, event)).join(""),
  };
}

function parseDirective(match: RegExpExecArray): Directive {
  const [text, before = "", minus = "", digits = "", after = "", letter = ""] = match;
  return {
    text,
    letter,
    width: Math.min(Number(digits), MAX_WIDTH),
    leftAligned: minus !== "",
    zeroFilled: minus === "" && digits.startsWith("0"),
    humanLevel: before.length + after.length,
  };
}

function formatPart(part: Part, event: PrintedItem): ByteString {
  return typeof part === "string" ? part : part.value(event, part.directive);
}

function align(text: ByteString, { width, leftAligned }: Directive): ByteString {
  return leftAligned ? text.padEnd(width) : text.padStart(width);
}

const text =
  (value: (event: PrintedItem) => ByteString): Value =>
  (event, directive) =>
    align(value(event), directive);

const id =
  (value: (event: PrintedItem) => number | null): Value =>
  (event, directive) => {
    const number = value(event);
    if (number === null) return align("DEFAULT", directive);
    const digits = String(number);
    return directive.zeroFilled ? digits.padStart(directive.width, "0") : align(digits, directive);
  };

// The width is that of the name alone; where there is no link the arrow's four columns are blank, too.
const link: Value = (event, directive) => {
  const suffix = linkSuffix(event);
  if (suffix) return suffix.arrow + align(suffix.to, directive);
  return directive.width > 0 ? " ".repeat(directive.width + 4) : "";
};

function operation(event: PrintedItem): string {
  if (event.deleted) return "del.";
  return event.outgoing ? "send" : "recv";
}

function formatValues(settings: FormatSettings): Readonly<Record<string, Value | undefined>> {
  const bytes =
    (value: (event: PrintedItem) => number): Value =>
    (event, directive) =>
      align(
        formatBytes(value(event), { ...settings, humanLevel: directive.humanLevel }),
        directive,
      );
  const { daemon } = settings;
  return {
    "%": text(() => "%"),
    b: bytes((event) => event.transferBytes),
    B: text((event) => formatPermissions(event.mode)),
    c: bytes((event) => event.sumBytes),
    C: text((event) => event.checksum ?? " ".repeat(event.checksumDigits)),
    f: text((event) => event.path),
    G: id((event) => event.gid),
    i: text((event) => formatItemized(event, settings)),
    l: bytes((event) => event.size),
    L: link,
    m: text(() => daemon?.moduleName ?? ""),
    M: text((event) => formatLocalTime(event.mtime, "-")),
    n: text(displayName),
    o: text(operation),
    p: id(() => settings.processId),
    t: text(() => formatLocalTime(settings.now())),
    U: id((event) => event.uid),
    ...(daemon && {
      a: text(() => daemon.peerAddress),
      h: text(() => daemon.peerHost),
      P: text(() => daemon.modulePath),
      u: text(() => daemon.user),
    }),
  };
}
