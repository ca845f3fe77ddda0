/**
 * What a failure log holds: the paths that targets do not have although it was tried twice.
 * @module
 */
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import type { RootSettings, TargetSettings } from "../config/settings.js";
import { formatCommand } from "./command.js";

/** Whose paths they are. */
export interface FailLogOwner {
  root: RootSettings;
  target: TargetSettings;
}

/** What a push brought. */
export interface Arrival {
  /** Paths for themselves, and those that stand for all that is below them. */
  paths: readonly ByteString[];
  trees: readonly ByteString[];
  /** Of all that: what did not arrive. */
  failed: ReadonlyMap<ByteString, string>;
}

interface OwnerEntries {
  owner: FailLogOwner;
  /** Path -> exit code, and the number of the entry. */
  paths: Map<ByteString, { exitCode: number; number: number }>;
  /** Paths that found no room. */
  left: number;
}

/** The entries of one file. Each method tells whether anything changed. */
export interface FailLogEntries {
  add(owner: FailLogOwner, path: ByteString, exitCode: number): boolean;
  /** These paths arrived. */
  remove(owner: FailLogOwner, arrived: Arrival): boolean;
  /** Everything arrived that was entered before `number` (see {@link FailLogEntries.nextNumber}). */
  removeBefore(owner: FailLogOwner, number: number): boolean;
  readonly nextNumber: number;
  readonly size: number;
  /** From now on these are the owners, with settings that may be others than before; entries of others are dropped. */
  setOwners(owners: readonly FailLogOwner[]): void;
  /** The file's contents. */
  encode(): Uint8Array;
}

const keyOf = ({ root, target }: FailLogOwner): string => `${root.name}\n${target.name}`;
const toExitStatus = (exitCode: number): number => exitCode * 256;

/** In the shape of sersync's script: the wait status, the command, an empty line (spec 6, 1.3 and 4.5). */
function formatEntries({ owner, paths, left }: OwnerEntries): ByteString {
  let text = "";
  for (const [path, { exitCode }] of paths) {
    text += `#errno ${toExitStatus(exitCode)}\n${formatCommand(owner.root, owner.target, [path])}\n\n`;
  }
  if (left > 0) text += `# ${left} more failures of this target found no room here\n\n`;
  return text;
}

/** Whether the path or a directory above it is one of `tops`. */
function isInside(path: ByteString, tops: ReadonlySet<ByteString>): boolean {
  if (tops.size === 0) return false;
  if (tops.has("") || tops.has(path)) return true;
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (tops.has(path.slice(0, end))) return true;
  }
  return false;
}

/**
 * Creates an empty set.
 * @param maxEntries above which paths are only counted
 */
export function createFailLogEntries(maxEntries: number): FailLogEntries {
  const owners = new Map<string, OwnerEntries>();
  let size = 0;
  let nextNumber = 0;

  function entriesOf(owner: FailLogOwner): OwnerEntries {
    const key = keyOf(owner);
    let entries = owners.get(key);
    if (entries === undefined) owners.set(key, (entries = { owner, paths: new Map(), left: 0 }));
    return entries;
  }

  function removeIf(
    owner: FailLogOwner,
    fits: (path: ByteString, number: number) => boolean,
  ): boolean {
    const entries = owners.get(keyOf(owner));
    if (entries === undefined) return false;
    const before = size;
    for (const [path, { number }] of entries.paths) {
      if (fits(path, number) && entries.paths.delete(path)) size--;
    }
    return size !== before;
  }

  return {
    add(owner, path, exitCode) {
      const entries = entriesOf(owner);
      const known = entries.paths.get(path);
      if (known === undefined && size >= maxEntries) {
        entries.left++;
        return entries.left === 1;
      }
      if (known === undefined) size++;
      entries.paths.set(path, { exitCode, number: nextNumber++ });
      return known?.exitCode !== exitCode;
    },
    remove(owner, { paths, trees, failed }) {
      if ((owners.get(keyOf(owner))?.paths.size ?? 0) === 0) return false;
      const single = new Set(paths);
      const tops = new Set(trees);
      return removeIf(
        owner,
        (path) => !failed.has(path) && (single.has(path) || isInside(path, tops)),
      );
    },
    removeBefore(owner, number) {
      const entries = owners.get(keyOf(owner));
      if (entries === undefined) return false;
      const hadLeft = entries.left > 0;
      entries.left = 0;
      return removeIf(owner, (_path, at) => at < number) || hadLeft;
    },
    setOwners(current) {
      const byKey = new Map(current.map((owner) => [keyOf(owner), owner]));
      for (const [key, entries] of owners) {
        const owner = byKey.get(key);
        if (owner !== undefined) entries.owner = owner;
        else size -= entries.paths.size;
        if (owner === undefined) owners.delete(key);
      }
    },
    get nextNumber() {
      return nextNumber;
    },
    get size() {
      return size;
    },
    encode: () => encodeByteString([...owners.values()].map(formatEntries).join("")),
  };
}
