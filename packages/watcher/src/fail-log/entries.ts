/**
 * What a failure log holds: the paths that targets do not have although it was tried twice.
 * @module
 */
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import type { RootSettings, TargetSettings } from "../config/settings.js";
import { outermost } from "../state/tree-paths.js";
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

/** The entries of one file. Methods tell whether anything changed. */
export class FailLogEntries {
  readonly #maxEntries: number;
  readonly #owners = new Map<string, OwnerEntries>();
  #size = 0;
  #nextNumber = 0;

  /** @param maxEntries above which paths are only counted */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#size;
  }

  /** The number that the next entry has: what was entered before is below it. */
  get nextNumber(): number {
    return this.#nextNumber;
  }

  add(owner: FailLogOwner, path: ByteString, exitCode: number): boolean {
    const entries = this.#entriesOf(owner);
    const known = entries.paths.get(path);
    if (known === undefined && this.#size >= this.#maxEntries) {
      entries.left++;
      return entries.left === 1;
    }
    if (known === undefined) this.#size++;
    entries.paths.set(path, { exitCode, number: this.#nextNumber++ });
    return known?.exitCode !== exitCode;
  }

  /** These paths arrived. */
  remove(owner: FailLogOwner, { paths, trees, failed }: Arrival): boolean {
    const entries = this.#owners.get(keyOf(owner));
    if (entries === undefined || entries.paths.size === 0) return false;
    const single = new Set(paths);
    const tops = new Set(trees);
    return this.#removeIf(
      entries,
      (path) => !failed.has(path) && (single.has(path) || outermost(path, tops) !== null),
    );
  }

  /** Everything arrived that was entered before `number`. */
  removeBefore(owner: FailLogOwner, number: number): boolean {
    const entries = this.#owners.get(keyOf(owner));
    if (entries === undefined) return false;
    const hadLeft = entries.left > 0;
    entries.left = 0;
    return this.#removeIf(entries, (_path, at) => at < number) || hadLeft;
  }

  /** From now on these are the owners, with settings that may be others than before; entries of others are dropped. */
  setOwners(current: readonly FailLogOwner[]): void {
    const byKey = new Map(current.map((owner) => [keyOf(owner), owner]));
    for (const [key, entries] of this.#owners) {
      const owner = byKey.get(key);
      if (owner !== undefined) entries.owner = owner;
      else this.#size -= entries.paths.size;
      if (owner === undefined) this.#owners.delete(key);
    }
  }

  /** The file's contents. */
  encode(): Uint8Array {
    return encodeByteString([...this.#owners.values()].map(formatEntries).join(""));
  }

  #entriesOf(owner: FailLogOwner): OwnerEntries {
    const key = keyOf(owner);
    const entries = this.#owners.get(key) ?? { owner, paths: new Map(), left: 0 };
    this.#owners.set(key, entries);
    return entries;
  }

  #removeIf(entries: OwnerEntries, fits: (path: ByteString, number: number) => boolean): boolean {
    const before = this.#size;
    for (const [path, { number }] of entries.paths) {
      if (fits(path, number) && entries.paths.delete(path)) this.#size--;
    }
    return this.#size !== before;
  }
}
