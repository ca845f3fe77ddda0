/**
 * The lines of rsyncd.conf: sections, parameters and directives. There is no quoting and no comment behind a value.
 *
 *     [name] ignored              section
 *     name = value                parameter; a backslash at the end of a line continues name and value
 *     &include value              directive
 *     # comment, ; comment        to the end of the line, never continued
 *
 * Spec: docs/protocol/5-daemon.md, 5.3.1 and 5.3.8. Where it is silent, rsync 3.5.0 was tried.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { ConfigError } from "./config-error.js";

/** One statement of a configuration file. */
export type ConfigStatement =
  | { readonly kind: "section"; readonly name: ByteString }
  | { readonly kind: "parameter"; readonly name: ByteString; readonly value: ByteString }
  | { readonly kind: "directive"; readonly name: ByteString; readonly value: ByteString }
  /** What can not be understood and is skipped; the text is for the log. */
  | { readonly kind: "ignored"; readonly text: ByteString };

const BYTE_ORDER_MARK = "\xef\xbb\xbf";
const LINE_END = "\n";
const NUL = "\0";

/** The delimiter that ended a name; empty at the end of the file. */
interface DelimitedName {
  name: ByteString;
  end: string;
}

// Neither `trim()` nor `\s` will do: they take the byte 0xA0 for white space.
function isWhite(code: number): boolean {
  return code === 0x20 || code === 0x09 || (code >= 0x0b && code <= 0x0d);
}

function trimWhiteEnd(text: ByteString): ByteString {
  let end = text.length;
  while (end > 0 && isWhite(text.charCodeAt(end - 1))) end--;
  return text.slice(0, end);
}

function collapseWhite(text: ByteString): ByteString {
  return text
    .split(/[ \t\r\v\f]+/)
    .filter((word) => word !== "")
    .join(" ");
}

/**
 * Whether the text that was read goes on in the next line; the backslash that says so is dropped with what follows.
 * It may stem from an earlier line: of two backslashes before a blank line both are used up.
 */
function takeContinuation(pieces: ByteString[]): boolean {
  let last = pieces.length - 1;
  while (last >= 0 && trimWhiteEnd(pieces[last]!) === "") last--;
  const text = trimWhiteEnd(pieces[last] ?? "");
  if (!text.endsWith("\\")) return false;
  pieces.splice(last, Number.POSITIVE_INFINITY, text.slice(0, -1));
  return true;
}

class Lexer {
  readonly #text: ByteString;
  #offset: number;

  constructor(text: ByteString) {
    this.#text = text;
    this.#offset = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  }

  /** The next statement, or `null` at the end of the file. */
  next(): ConfigStatement | null {
    for (;;) {
      this.#skipToContent();
      switch (this.#text[this.#offset]) {
        case undefined:
          return null;
        case "#":
        case ";":
          this.#skipTo(/\n/g);
          break;
        case "\\":
          this.#offset++;
          break;
        case "[":
          this.#offset++;
          return this.#readSection();
        case "&":
          return this.#readDirective();
        default:
          return this.#readParameter();
      }
    }
  }

  #readSection(): ConfigStatement {
    const { name, end } = this.#readName(/[\]\n\0]/g);
    if (end === LINE_END) throw new ConfigError(`Badly formed line in config file: ${name}`);
    if (end !== "]") throw new ConfigError(`Unexpected EOF in the config file: ${name}`);
    if (name === "") throw new ConfigError("Empty section name in config file.");
    this.#skipTo(/[\n\0]/g);
    return { kind: "section", name };
  }

  #readParameter(): ConfigStatement {
    const { name, end } = this.#readName(/[=\n\0]/g);
    if (end !== "=") return ignoredLine(name, end);
    if (name === "") throw new ConfigError("Invalid parameter name in config file.");
    return { kind: "parameter", name, value: this.#readValue() };
  }

  #readDirective(): ConfigStatement {
    const { name, end } = this.#readName(/[ \t=\n\0]/g);
    if (end === LINE_END || end === NUL || end === "") return ignoredLine(name, end);
    if (end !== "=") {
      this.#skipWhite();
      if (this.#text[this.#offset] === "=") this.#offset++;
    }
    return { kind: "directive", name: name.slice(1), value: this.#readValue() };
  }

  /** Reads up to one of the delimiters and over it. */
  #readName(delimiters: RegExp): DelimitedName {
    const pieces: ByteString[] = [];
    let end: string;
    do {
      end = this.#readPiece(delimiters, pieces);
    } while (end === LINE_END && takeContinuation(pieces));
    return { name: collapseWhite(pieces.join("")), end };
  }

  #readValue(): ByteString {
    this.#skipWhite();
    const pieces: ByteString[] = [];
    while (this.#readPiece(/[\n\0]/g, pieces) === LINE_END && takeContinuation(pieces));
    return trimWhiteEnd(pieces.join("").replaceAll("\r", ""));
  }

  /** Adds the text before the next delimiter, and returns the delimiter; empty at the end of the file. */
  #readPiece(delimiters: RegExp, pieces: ByteString[]): string {
    const start = this.#offset;
    this.#skipTo(delimiters);
    pieces.push(this.#text.slice(start, this.#offset));
    return this.#text[this.#offset++] ?? "";
  }

  /** Moves to the next match of `pattern`, a global expression, or to the end. */
  #skipTo(pattern: RegExp): void {
    pattern.lastIndex = this.#offset;
    this.#offset = pattern.exec(this.#text)?.index ?? this.#text.length;
  }

  #skipWhite(): void {
    while (isWhite(this.#text.charCodeAt(this.#offset))) this.#offset++;
  }

  // A NUL here would make rsync 3.5.0 drop the rest of the file without a word, whatever it forbids.
  #skipToContent(): void {
    this.#skipTo(/[^ \t\r\v\f\n\0]/g);
  }
}

function ignoredLine(name: ByteString, end: string): ConfigStatement {
  const reason =
    end === LINE_END ? "Ignoring badly formed line in config file" : "Unexpected end-of-file at";
  return { kind: "ignored", text: `${reason}: ${name}` };
}

/**
 * The statements of a file.
 * @param text the bytes of the file.
 * @throws ConfigError, while iterating, at a statement that makes the whole file unusable.
 */
export function* lexConfig(text: ByteString): Generator<ConfigStatement, void, undefined> {
  const lexer = new Lexer(text);
  for (let statement = lexer.next(); statement !== null; statement = lexer.next()) {
    yield statement;
  }
}
