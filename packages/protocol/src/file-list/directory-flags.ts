/**
 * Content, top and implied directories. Spec: docs/protocol/2-file-list.md, 2.5.8.
 *
 *     TopDir  NoContentDir   protocol 30 and later
 *     0       0              content, met while recursing
 *     1       0              content, named by an argument
 *     0       1              without contents
 *     1       1              implied by --relative
 *
 * Protocols 28 and 29 send TopDir only; the receiver infers the rest.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { EntryFlag } from "./file-entry.js";
import type { ListOptions } from "./list-options.js";
import { WireFlag } from "./wire-flags.js";

/** The wire flags of a directory. */
export function directoryToWire(entryFlags: number, protocol: number): number {
  const content = (entryFlags & EntryFlag.ContentDir) !== 0;
  const top = (entryFlags & EntryFlag.TopDir) !== 0;
  if (content) return top ? WireFlag.TopDir : 0;
  if (protocol < 30) return 0;
  const implied = (entryFlags & EntryFlag.ImpliedDir) !== 0;
  return implied ? WireFlag.TopDir | WireFlag.NoContentDir : WireFlag.NoContentDir;
}

/** The entry flags of a directory, protocol 30 and later. */
export function directoryFromWire(wireFlags: number): number {
  const top = (wireFlags & WireFlag.TopDir) !== 0;
  if (wireFlags & WireFlag.NoContentDir) return top ? EntryFlag.ImpliedDir : 0;
  return top ? EntryFlag.ContentDir | EntryFlag.TopDir : EntryFlag.ContentDir;
}

/** What tells content directories in protocols 28 and 29: the last one with TopDir, and whether its tree goes on. */
export interface ContentInference {
  inside: boolean;
  /** Length of that directory's name; 0 when it is `.`. */
  topLength: number;
}

export function createContentInference(): ContentInference {
  return { inside: false, topLength: 0 };
}

/**
 * The entry flags of a directory in protocol 28 and 29, moving `state` on.
 * `wireName` is the name as sent; `shared` is the length of the prefix it shares with the previous name.
 */
export function inferDirectory(
  state: ContentInference,
  wireFlags: number,
  wireName: ByteString,
  shared: number,
  options: ListOptions,
): number {
  if (wireFlags & WireFlag.TopDir) {
    state.inside = options.recursive;
    const dotted = options.relative && wireName.endsWith("/.");
    state.topLength = wireName === "." ? 0 : wireName.length - (dotted ? 2 : 0);
    return EntryFlag.ContentDir | EntryFlag.TopDir;
  }
  if (!state.inside) return 0;
  const { topLength } = state;
  const below = !options.relative || topLength === 0;
  if (below || (shared >= topLength && wireName[topLength] === "/")) return EntryFlag.ContentDir;
  state.inside = false;
  return 0;
}
