/**
 * Makes names and messages safe for a terminal or a log, byte by byte. Spec: docs/protocol/4-command.md, 13.2.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/**
 * What becomes of bytes from 0x80:
 *
 *     utf8    valid UTF-8 stays, the rest is escaped
 *     ascii   escaped: the locale has none, or one that we do not know
 *     raw     left alone (`-8`)
 *     log     0x80 to 0x9f are escaped, whatever the charset
 */
export type EscapeStyle = "utf8" | "ascii" | "raw" | "log";

// Control bytes but TAB, and a backslash that would read as one of our own escapes.
const ALWAYS = String.raw`[\x00-\x08\x0a-\x1f]|\\(?=#\d{3})`;

// The first alternatives of "utf8" match whole valid characters, which the replacer keeps. Beyond U+10FFFF we are
// stricter than glibc's converter, which still takes the five- and six-byte forms of old.
const PATTERNS: Record<EscapeStyle, RegExp> = {
  utf8: new RegExp(
    String.raw`[\xc2-\xdf][\x80-\xbf]` +
      String.raw`|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}` +
      String.raw`|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}` +
      String.raw`|[\x80-\xff]|${ALWAYS}`,
    "g",
  ),
  ascii: new RegExp(String.raw`[\x80-\xff]|${ALWAYS}`, "g"),
  raw: new RegExp(ALWAYS, "g"),
  log: new RegExp(String.raw`[\x80-\x9f]|${ALWAYS}`, "g"),
};

function octal(match: string): string {
  if (match.length > 1) return match;
  return `\\#${match.charCodeAt(0).toString(8).padStart(3, "0")}`;
}

/** Escapes every byte of `text`, layout included. */
export function escapeBytes(text: ByteString, style: EscapeStyle): ByteString {
  return text.replace(PATTERNS[style], octal);
}

/** Escapes a message but for its layout: CR at its start, and CR or LF at its end. */
export function escapeMessage(message: ByteString, style: EscapeStyle): ByteString {
  const start = message.startsWith("\r") ? 1 : 0;
  const last = message.at(-1);
  const end = last === "\n" || last === "\r" ? Math.max(start, message.length - 1) : message.length;
  return (
    message.slice(0, start) + escapeBytes(message.slice(start, end), style) + message.slice(end)
  );
}

/** The bytes of an escaped message, as they go to a stream: names come out exactly as they are. */
export function messageBytes(message: ByteString, style: EscapeStyle): Buffer {
  return Buffer.from(escapeMessage(message, style), "latin1");
}

/** The style for a terminal, from `-8` and the locale variables in the order that C libraries read them. */
export function terminalEscapeStyle(
  environment: Readonly<Record<string, string | undefined>>,
  eightBitOutput: boolean,
): EscapeStyle {
  if (eightBitOutput) return "raw";
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") ? "utf8" : "ascii";
}
