/**
 * For tests: a target in memory that does what marks say, by looking at the source when it takes them, as a push does.
 * @module
 */
import { type BigIntStats, lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { DirectoryLinks } from "../links/directory-links.js";
import { type Mark, Reach } from "../state/mark.js";

/** What a target has under one name. */
interface Item {
  kind: number;
  mode: number;
  size: bigint;
  mtimeNs: bigint;
  content: string;
}

const S_IFMT = 0o170000;
const REGULAR = 0o100000;
const SYMLINK = 0o120000;

export class TestMirror {
  items = new Map<string, Item>();
  readonly #root: string;
  readonly #saw: (path: string) => void;
  readonly #links: DirectoryLinks | null;

  /**
   * `saw` is told what is copied: a snapshot knows all that was pushed. `links` says which of them look like directories.
   */
  constructor(
    root: string,
    saw: (path: string) => void = () => {},
    links: DirectoryLinks | null = null,
  ) {
    this.#root = root;
    this.#saw = saw;
    this.#links = links;
  }

  /** Makes it equal to the source, whatever it has. */
  fill(): void {
    this.items = new Map();
    this.#tree("", true);
  }

  /** Parents first, as a file list has them. */
  apply(marks: readonly Mark[]): void {
    const sorted = [...marks].sort((a, b) => (a.path < b.path ? -1 : 1));
    for (const { path, reach, force } of sorted) {
      if (reach === Reach.Item) this.#item(path, force === true);
      else this.#tree(path, force === true);
      if (reach === Reach.Reconcile) this.#removeExtras(path);
    }
  }

  /** How it differs from the source: path and reason. */
  differences(): string[] {
    const source = new TestMirror(this.#root, undefined, this.#links);
    source.fill();
    const found: string[] = [];
    for (const [path, item] of source.items) {
      const mine = this.items.get(path);
      if (mine === undefined) found.push(`${path}: missing`);
      else if (JSON.stringify(toText(mine)) !== JSON.stringify(toText(item))) {
        found.push(`${path}: ${JSON.stringify(toText(mine))}, not ${JSON.stringify(toText(item))}`);
      }
    }
    for (const path of this.items.keys()) {
      if (!source.items.has(path)) found.push(`${path}: extraneous`);
    }
    return found;
  }

  #item(path: string, force: boolean): BigIntStats | null {
    const stats = this.#look(path);
    if (stats === null) {
      if (path !== "") this.#remove(path);
      return null;
    }
    const kind = Number(stats.mode) & S_IFMT;
    const known = this.items.get(path);
    if (known !== undefined && known.kind !== kind) this.#remove(path);
    const item: Item = {
      kind,
      mode: Number(stats.mode),
      size: kind === REGULAR ? stats.size : 0n,
      mtimeNs: stats.mtimeNs,
      content: "",
    };
    const looksTheSame =
      known?.kind === kind && known.size === item.size && known.mtimeNs === item.mtimeNs;
    try {
      if (kind === SYMLINK) item.content = readlinkSync(this.#absolute(path), "latin1");
      else if (kind === REGULAR && looksTheSame && !force) item.content = known.content;
      else if (kind === REGULAR) item.content = readFileSync(this.#absolute(path), "latin1");
    } catch {
      return null; // it vanished meanwhile, and a mark will say so
    }
    this.items.set(path, item);
    this.#saw(path);
    return stats;
  }

  #tree(path: string, force: boolean): void {
    const stats = this.#item(path, force);
    if (stats === null || !stats.isDirectory()) return;
    let names: string[];
    try {
      names = readdirSync(this.#absolute(path), "latin1");
    } catch {
      return;
    }
    for (const name of names) this.#tree(path === "" ? name : `${path}/${name}`, force);
  }

  #removeExtras(top: string): void {
    for (const path of [...this.items.keys()]) {
      if (path !== "" && isBelow(path, top) && this.#look(path) === null) this.items.delete(path);
    }
  }

  #remove(top: string): void {
    for (const path of [...this.items.keys()]) if (isBelow(path, top)) this.items.delete(path);
  }

  /** Not by way of links: what is behind one has another path. */
  #look(path: string): BigIntStats | null {
    try {
      for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
        if (!this.#stats(path.slice(0, at)).isDirectory()) return null;
      }
      return this.#stats(path);
    } catch {
      return null;
    }
  }

  #stats(path: string): BigIntStats {
    const stats = lstatSync(this.#absolute(path), { bigint: true });
    return stats.isSymbolicLink() ? (this.#links?.behind(path) ?? stats) : stats;
  }

  #absolute(path: string): Buffer {
    return Buffer.from(path === "" ? this.#root : `${this.#root}/${path}`, "latin1");
  }
}

function isBelow(path: string, top: string): boolean {
  return top === "" || path === top || path.startsWith(`${top}/`);
}

function toText(item: Item): unknown[] {
  const { kind, mode, size, mtimeNs, content } = item;
  return [kind, mode, String(size), String(mtimeNs), content];
}
