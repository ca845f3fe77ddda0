/**
 * Trees in memory for the tests of plans.
 * @module
 */
import { isWithin, parentOf } from "../state/tree-paths.js";
import type { Look, SourceTree } from "./source-tree.js";

export type Kind = "file" | "directory" | "link";
const TYPES = { file: 0o100644, directory: 0o040755, link: 0o120777 };

/** A tree whose items have a version each: two items are equal when kind and version are. */
export class ModelTree implements SourceTree {
  readonly items: Map<string, { kind: Kind; version: number; inode: bigint }> = new Map();
  readonly unreadable: Set<string> = new Set();
  intact = true;
  #inodes = 1n;

  constructor() {
    this.put("", "directory", 0);
  }

  isIntact(): boolean {
    return this.intact;
  }

  lstat(path: string): Look | null | "unreadable" {
    if (this.unreadable.has(path)) return "unreadable";
    const item = this.items.get(path);
    if (item === undefined) return null;
    const { kind, version, inode } = item;
    const size = kind === "file" ? 100 : 0;
    const links = [...this.items.values()].filter((each) => each.inode === inode).length;
    return { mode: TYPES[kind], size, links, inode, device: 1n, ctimeNs: BigInt(version) };
  }

  /** Gives a file another name. */
  link(from: string, to: string): void {
    this.items.set(to, { ...this.items.get(from)! });
  }

  list(path: string): string[] | null {
    if (this.unreadable.has(path)) return null;
    return this.below(path)
      .filter((each) => parentOf(each) === path)
      .map((each) => each.slice(each.lastIndexOf("/") + 1));
  }

  below(path: string): string[] {
    return [...this.items.keys()].filter((each) => each !== path && isWithin(each, path));
  }

  isDirectory(path: string): boolean {
    return this.items.get(path)?.kind === "directory";
  }

  /** Puts an item; what was under a name of another kind goes. */
  put(path: string, kind: Kind, version: number): void {
    if (kind !== "directory") this.remove(path);
    this.items.set(path, { kind, version, inode: this.#inodes++ });
  }

  remove(path: string): void {
    for (const each of this.below(path)) this.items.delete(each);
    this.items.delete(path);
  }

  move(from: string, to: string): void {
    const moved = [from, ...this.below(from)].map((path) => [path, this.items.get(path)!] as const);
    this.remove(from);
    this.remove(to);
    for (const [path, item] of moved) this.items.set(to + path.slice(from.length), item);
  }

  /** What a comparison sees. */
  contents(): Record<string, string> {
    const lines = [...this.items].map(([path, { kind, version }]) => [path, `${kind} ${version}`]);
    return Object.fromEntries(lines.sort());
  }
}
