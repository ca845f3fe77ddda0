/**
 * `--iconv`: names in the local charset, and in UTF-8 as they are on the wire (spec 2-file-list, 2.14.3).
 * @module
 */
import { UnsupportedError } from "@tsrsync/protocol";
import { type ByteString, decodeByteString, encodeByteString } from "@tsrsync/protocol/wire";

/** Converts names; `null` for one that has no form in the other charset. */
export interface Charset {
  /** The local names are UTF-8, too. */
  readonly isUtf8: boolean;
  toWire(local: ByteString): ByteString | null;
  fromWire(wire: ByteString): ByteString | null;
}

const ASCII = /^[\x00-\x7f]*$/;
const REPLACEMENT = "\ufffd";

const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** The text of UTF-8 bytes; `null` when they are none. */
function textOfUtf8(bytes: ByteString): string | null {
  try {
    return utf8Decoder.decode(encodeByteString(bytes));
  } catch {
    return null;
  }
}

function checkedUtf8(bytes: ByteString): ByteString | null {
  return ASCII.test(bytes) || textOfUtf8(bytes) !== null ? bytes : null;
}

/** Nothing to convert, but much to refuse. */
const UTF8: Charset = { isUtf8: true, toWire: checkedUtf8, fromWire: checkedUtf8 };

/** Why a text has no other form, as C libraries say it. */
export function conversionProblem(text: ByteString, isUtf8: boolean): ByteString {
  const isCut = isUtf8 && endsEarly(text);
  return isCut ? "Invalid argument" : "Invalid or incomplete multibyte or wide character";
}

/** Whether bytes are UTF-8 but for a character at their end that is not complete. */
function endsEarly(bytes: ByteString): boolean {
  if (textOfUtf8(bytes) !== null) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(encodeByteString(bytes), { stream: true });
    return true;
  } catch {
    return false;
  }
}

/**
 * The charset of that name.
 * @throws UnsupportedError (exit 4)
 */
export async function loadCharset(name: string): Promise<Charset> {
  if (/^utf-?8$/i.test(name)) return UTF8;
  // Its tables take time to load, and few need them.
  const { default: iconv } = await import("iconv-lite");
  if (name === "" || !iconv.encodingExists(name)) {
    throw new UnsupportedError(`iconv_open("UTF-8", "${name}") failed`);
  }
  const decode = (bytes: ByteString) =>
    iconv.decode(Buffer.from(bytes, "latin1"), name, { stripBOM: false });
  const encode = (text: string) => iconv.encode(text, name, { addBOM: false }).toString("latin1");
  return {
    isUtf8: false,
    toWire(local) {
      const text = decode(local);
      return text.includes(REPLACEMENT) ? null : decodeByteString(utf8Encoder.encode(text));
    },
    fromWire(wire) {
      const text = textOfUtf8(wire);
      if (text === null) return null;
      const local = encode(text);
      // The library puts a question mark where it has nothing better.
      return decode(local) === text ? local : null;
    },
  };
}

/** The charset of the locale, from the variables in the order that C libraries read them. */
export function localeCharset(environment: Readonly<Record<string, string | undefined>>): string {
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  const locale = LC_ALL || LC_CTYPE || LANG || "C";
  return /\.([^@]+)/.exec(locale)?.[1] ?? "ascii";
}

/** Our side's part of the value of `--iconv`: before the comma, but after it for a server. `.` is the locale's charset. */
export function ownCharset(
  value: string | null,
  isServer: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  if (value === null) return null;
  const comma = value.indexOf(",");
  const local = comma < 0 ? value : value.slice(0, comma);
  const name = isServer ? value.slice(comma + 1) : local;
  return name === "." ? localeCharset(environment) : name;
}

/** The words of a secluded list, which travel in UTF-8, as we have them or as they are sent. What has no other form stays. */
export async function convertWords(
  words: readonly ByteString[],
  charsetName: string | null,
  direction: "toWire" | "fromWire",
): Promise<ByteString[]> {
  if (charsetName === null) return [...words];
  const charset = await loadCharset(charsetName);
  return words.map((word) => charset[direction](word) ?? word);
}
