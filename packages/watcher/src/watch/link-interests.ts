/**
 * Which names in which watched directories links depend on.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { linkChain } from "./link-chain.js";

/** The kernel's watches. */
export interface LinkWatches {
  /** Watches a directory by its absolute path: the watch, or a negated errno. */
  add(directory: ByteString): number;
  /** Gives a watch back, unless it is needed by others. */
  release(watch: number): void;
}

export class LinkInterests {
  readonly #watches: LinkWatches;
  /** By watch and name: the links. */
  readonly #byWatch = new Map<number, Map<ByteString, Set<ByteString>>>();
  /** By link: what it depends on. */
  readonly #byLink = new Map<ByteString, [watch: number, name: ByteString][]>();

  constructor(watches: LinkWatches) {
    this.#watches = watches;
  }

  has(watch: number): boolean {
    return this.#byWatch.has(watch);
  }

  /** The links that a name in a directory concerns. */
  of(watch: number, name: ByteString): Iterable<ByteString> {
    return this.#byWatch.get(watch)?.get(name) ?? [];
  }

  /**
   * Watches the way of the link at `path`, whose absolute path is `place`, as it is now. False when not all of it can be watched:
   * there are no more watches, or nobody may look.
   */
  follow(path: ByteString, place: ByteString): boolean {
    let isWhole = true;
    const before = this.#byLink.get(path) ?? [];
    const now: [number, ByteString][] = [];
    this.#byLink.set(path, now);
    for (const { directory, name } of linkChain(place)) {
      const watch = this.#watches.add(directory);
      if (watch < 0) {
        isWhole = false;
        continue;
      }
      now.push([watch, name]);
      this.#add(watch, name, path);
    }
    const isKept = (watch: number, name: ByteString) =>
      now.some((one) => one[0] === watch && one[1] === name);
    for (const [watch, name] of before) if (!isKept(watch, name)) this.#remove(watch, name, path);
    return isWhole;
  }

  forget(path: ByteString): void {
    const before = this.#byLink.get(path) ?? [];
    this.#byLink.delete(path);
    for (const [watch, name] of before) this.#remove(watch, name, path);
  }

  /** The kernel has given up a watch. Returns the links that depended on it. */
  watchIsGone(watch: number): ByteString[] {
    const names = this.#byWatch.get(watch);
    this.#byWatch.delete(watch);
    return [...(names?.values() ?? [])].flatMap((paths) => [...paths]);
  }

  clear(): void {
    for (const path of [...this.#byLink.keys()]) this.forget(path);
  }

  #add(watch: number, name: ByteString, path: ByteString): void {
    let names = this.#byWatch.get(watch);
    if (names === undefined) this.#byWatch.set(watch, (names = new Map()));
    const paths = names.get(name);
    if (paths === undefined) names.set(name, new Set([path]));
    else paths.add(path);
  }

  #remove(watch: number, name: ByteString, path: ByteString): void {
    const names = this.#byWatch.get(watch);
    const paths = names?.get(name);
    if (names === undefined || paths === undefined) return;
    paths.delete(path);
    if (paths.size > 0) return;
    names.delete(name);
    if (names.size > 0) return;
    this.#byWatch.delete(watch);
    this.#watches.release(watch);
  }
}
