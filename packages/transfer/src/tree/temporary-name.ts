/**
 * Names of temporary files (spec 3-transfer, 8.2): `.` + base + `.XXXXXX`.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TemporaryStyle } from "./file-tree.js";
import { directoryOf, joinPath, leafOf } from "./tree-path.js";

/** How often a new name is tried when one is taken. */
export const MAX_TEMPORARY_TRIES = 100;

/** 255 bytes less the dot in front, the dot behind, six characters and one that the reference keeps in reserve. */
const MAX_BASE_BYTES = 246;
const RANDOM_LENGTH = 6;
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/** What a temporary file for `name` starts with: everything but the six random characters. */
export function temporaryPrefix(name: ByteString, style: TemporaryStyle = "hidden"): ByteString {
  if (style === "plain") return `${withoutLastDot(cutBase(name))}.`;
  const base = name.startsWith(".") ? name.slice(1) : name;
  return `${withoutLastDot(`.${cutBase(base)}`)}.`;
}

function withoutLastDot(prefix: ByteString): ByteString {
  return prefix.endsWith(".") ? prefix.slice(0, -1) : prefix;
}

/** Cuts at 246 bytes; a cut inside a UTF-8 sequence takes the bytes of that run with it. */
function cutBase(base: ByteString): ByteString {
  if (base.length <= MAX_BASE_BYTES) return base;
  let end = MAX_BASE_BYTES;
  if (base.charCodeAt(end) >= 0x80) {
    while (end > 0 && base.charCodeAt(end - 1) >= 0x80) end--;
  }
  return base.slice(0, end);
}

/**
 * Six random letters and digits. Who guesses them gains nothing: the file is created exclusively and without following
 * links, so a name that is taken only costs another try. So a cheap generator will do.
 */
export function randomSuffix(): ByteString {
  let text = "";
  for (let i = 0; i < RANDOM_LENGTH; i++) {
    text += ALPHABET[Math.floor(Math.random() * ALPHABET.length)];
  }
  return text;
}

/** A path for a temporary item in the directory of `path`. Unlikely to be taken, but not known to be free. */
export function temporaryPath(path: ByteString): ByteString {
  return joinPath(directoryOf(path), temporaryPrefix(leafOf(path)) + randomSuffix());
}

/** The mode that a temporary file is created with, for an item that is to get `mode`. */
export function temporaryMode(mode: number): number {
  return (mode | 0o200) & 0o700;
}
