/**
 * Which path a text of the other end, or of our own sender, is about. rsync's texts name paths in a few shapes:
 *
 *     rsync: [receiver] mkstemp "/dir/a/.f.Fk18hg" (in module) failed: Permission denied (13)
 *     rsync: [generator] delete_file: unlink(a/b) failed: Permission denied (13)
 *     could not make way for new regular file: a/b
 *     ERROR: a/b failed verification -- update discarded.
 *
 * Names in them are not escaped: a candidate counts only if the plan knows it.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** Reads a text's path. */
export interface PathReading {
  /** What the other end puts before paths below the target: its directory, without a slash at the end. */
  readonly directory: ByteString;
  /** The root, as our own texts name it, without a slash at its end. */
  readonly root: ByteString;
  /** The name of the directory for partial files, or `null`. */
  readonly partialDir: ByteString | null;
  /** Whether the push names the path, and whether it can have to do with it at all. */
  isNamed(path: ByteString): boolean;
  isKnown(path: ByteString): boolean;
}

/** The path that a text is about, relative to the root; `null` when it can not be told. */
export function pathOfProblem(text: ByteString, reading: PathReading): ByteString | null {
  for (const candidate of candidatesIn(text.replace(/\n$/, ""))) {
    for (const path of relativeForms(candidate, reading)) {
      if (reading.isNamed(path)) return path;
      const final = finalName(path, reading);
      if (final !== null && reading.isKnown(final)) return final;
      if (reading.isKnown(path)) return path;
    }
  }
  return null;
}

/** Parts of a text that may be paths, the likelier ones first. */
function* candidatesIn(text: ByteString): Generator<ByteString> {
  for (const pattern of PATTERNS) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) yield found;
  }
  // A name may have quotes in it: each opening one with each closing one.
  const quotes = [...text.matchAll(/"/g)].map(({ index }) => index).slice(0, MAX_QUOTES);
  for (const [at, start] of quotes.entries()) {
    for (const end of quotes.slice(at + 1)) yield text.slice(start + 1, end);
  }
}

const MAX_QUOTES = 12;

const PATTERNS: readonly RegExp[] = [
  /"(.*?)" \(in [^)]*\)/s,
  /"(.*)" \(in [^)]*\)/s,
  /delete_file: \w+\((.*)\) failed: /s,
  /could not make way for (?:new )?[\w -]+: (.*)$/s,
  /^(?:rsync: )?(?:\[\w+\] )?(?:ERROR|WARNING): (.*) failed verification/s,
  /cannot delete non-empty directory: (.*)$/s,
  /\w+\((.*?)(?:,\s?"?[\w.]+"?)*\) failed: /s,
  /\w+\("(.*?)"(?:,\s?"?[\w.]+"?)*\) failed: /s,
];

/** A path of a text below the root. */
function* relativeForms(candidate: ByteString, { directory, root }: PathReading) {
  for (const base of [directory, root, directory.slice(1)]) {
    if (base !== "" && candidate.startsWith(`${base}/`)) yield candidate.slice(base.length + 1);
    if (base !== "" && candidate === base) yield "";
  }
  yield candidate === "." ? "" : candidate.replace(/^\/+/, "");
}

/** The file that a temporary or partial one becomes. */
function finalName(path: ByteString, { partialDir }: PathReading): ByteString | null {
  const slash = path.lastIndexOf("/") + 1;
  const temporary = /^\.(.+)\.(?:[A-Za-z0-9]{6}|\d+)$/s.exec(path.slice(slash));
  const directory = path.slice(0, slash);
  if (temporary !== null) return directory + temporary[1];
  if (partialDir === null) return null;
  if (!`/${directory}`.endsWith(`/${partialDir}/`)) return null;
  return directory.slice(0, -partialDir.length - 1) + path.slice(slash);
}
