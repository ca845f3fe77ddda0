/**
 * A writer that does anything to a tree that a program may do: for soak tests of the live mirror. The same seed does the same
 * as long as nobody else writes.
 */
import {
  appendFileSync,
  chmodSync,
  closeSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { runCommand } from "../rsync.js";
import { bytesOf, noise } from "../tree.js";

/** A small generator (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Other writers may be faster: their tracks are no errors. */
const RACES = new Set([
  "ENOENT",
  "EEXIST",
  "ENOTDIR",
  "EISDIR",
  "ENOTEMPTY",
  "ELOOP",
  "EINVAL",
  "EMLINK",
  "EXDEV",
]);

export interface WriterOptions {
  /** Owners can be changed. */
  isRoot: boolean;
  /** A directory on the same file system, not mirrored: things are moved out to it, and in from it. */
  outside: string;
}

/** One writer. All paths are in latin1 form. */
export class RandomOperations {
  readonly #root: string;
  readonly #options: WriterOptions;
  readonly #random: (below: number) => number;
  readonly #open: number[] = [];
  #count = 0;
  readonly #seed: number;

  constructor(root: string, seed: number, options: WriterOptions) {
    this.#root = root;
    this.#seed = seed;
    this.#options = options;
    this.#random = randomNumbers(seed);
  }

  /** Does one thing. Returns what it was. */
  step(): string {
    const operations: [string, () => void][] = [
      ["create", () => this.#write(this.#newPath(), "wx")],
      ["create", () => this.#write(this.#newPath(), "wx")],
      ["overwrite", () => this.#write(this.#anyFile(), "w")],
      ["append", () => appendFileSync(bytesOf(this.#anyFile()), this.#content(200))],
      ["same size", () => this.#sameSize()],
      ["truncate", () => truncateSync(bytesOf(this.#anyFile()), this.#random(100))],
      ["atomic save", () => this.#atomicSave()],
      ["open", () => this.#openLong()],
      ["close", () => this.#closeLong()],
      ["mkdir", () => mkdirSync(bytesOf(this.#newPath()))],
      ["tree", () => this.#tree(this.#newPath())],
      ["symlink", () => symlinkSync(bytesOf(`to-${this.#random(1000)}`), bytesOf(this.#newPath()))],
      ["link", () => linkSync(bytesOf(this.#anyFile()), bytesOf(this.#newPath()))],
      [
        "fifo",
        () => void runCommand("mkfifo", [`${this.#root}/fifo-${this.#seed}-${this.#count}`]),
      ],
      ["unlink", () => rmSync(bytesOf(this.#anyFile()))],
      ["rm -r", () => this.#removeDirectory()],
      ["rename", () => renameSync(bytesOf(this.#anyFile()), bytesOf(this.#newPath()))],
      ["rename over", () => renameSync(bytesOf(this.#anyFile()), bytesOf(this.#anyFile()))],
      ["rename directory", () => this.#renameDirectory()],
      ["move out", () => this.#moveOut()],
      ["move in", () => this.#moveIn()],
      ["replace by other type", () => this.#changeType()],
      ["chmod", () => this.#chmod()],
      ["utime", () => this.#setTime()],
      ["chown", () => this.#chown()],
    ];
    const [name, operate] = operations[this.#random(operations.length)]!;
    this.#count++;
    try {
      operate();
    } catch (error) {
      if (!RACES.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
    return name;
  }

  /** Closes what is still open. */
  end(): void {
    while (this.#open.length > 0) this.#closeLong();
  }

  #content(limit: number): Buffer {
    return noise(1 + this.#random(limit), this.#random(1 << 30));
  }

  /** Every byte but `/` and NUL may be in a name. */
  #name(): string {
    const length = 1 + this.#random(12);
    const codes = Array.from({ length }, () => {
      const code = this.#random(3) === 0 ? 1 + this.#random(255) : 97 + this.#random(26);
      return code === 47 ? 95 : code;
    });
    const name = String.fromCharCode(...codes);
    return name === "." || name === ".." ? "dots" : name;
  }

  #anyDirectory(): string {
    let path = this.#root;
    for (let depth = this.#random(5); depth > 0; depth--) {
      const below = this.#entries(path).filter((name) =>
        this.#stat(`${path}/${name}`)?.isDirectory(),
      );
      if (below.length === 0) break;
      path = `${path}/${below[this.#random(below.length)]}`;
    }
    return path;
  }

  #anyFile(): string {
    for (let tries = 0; tries < 5; tries++) {
      const directory = this.#anyDirectory();
      const files = this.#entries(directory).filter((name) =>
        this.#stat(`${directory}/${name}`)?.isFile(),
      );
      if (files.length > 0) return `${directory}/${files[this.#random(files.length)]}`;
    }
    const path = this.#newPath();
    this.#write(path, "w");
    return path;
  }

  #newPath(): string {
    return `${this.#anyDirectory()}/${this.#name()}`;
  }

  #entries(path: string): string[] {
    try {
      return readdirSync(bytesOf(path), "latin1").sort();
    } catch {
      return [];
    }
  }

  #stat(path: string): Stats | null {
    try {
      return lstatSync(bytesOf(path));
    } catch {
      return null;
    }
  }

  #write(path: string, flags: string): void {
    writeFileSync(bytesOf(path), this.#content(this.#random(10) === 0 ? 200_000 : 5000), {
      flag: flags,
    });
  }

  #sameSize(): void {
    const path = this.#anyFile();
    const size = lstatSync(bytesOf(path)).size;
    const file = openSync(bytesOf(path), "r+");
    writeSync(file, noise(Math.max(1, size), this.#random(1 << 30)), 0, size, 0);
    closeSync(file);
  }

  #atomicSave(): void {
    const path = this.#anyFile();
    this.#write(`${path}.new`, "w");
    renameSync(bytesOf(`${path}.new`), bytesOf(path));
  }

  #openLong(): void {
    if (this.#open.length >= 3) this.#closeLong();
    const file = openSync(bytesOf(this.#newPath()), "a");
    writeSync(file, this.#content(1000));
    this.#open.push(file);
  }

  #closeLong(): void {
    const file = this.#open.shift();
    if (file === undefined) return;
    writeSync(file, this.#content(1000));
    closeSync(file);
  }

  #tree(path: string): void {
    mkdirSync(bytesOf(path));
    for (let count = this.#random(6); count > 0; count--) {
      const below = `${path}/${this.#name()}`;
      if (this.#random(3) > 0) this.#write(below, "w");
      else mkdirSync(bytesOf(`${below}/${this.#name()}`), { recursive: true });
    }
  }

  #belowRoot(): string | null {
    const path = this.#anyDirectory();
    return path === this.#root ? null : path;
  }

  #removeDirectory(): void {
    const path = this.#belowRoot();
    // Not too often, or nothing ever grows.
    if (path !== null && this.#random(3) === 0)
      rmSync(bytesOf(path), { recursive: true, force: true });
  }

  #renameDirectory(): void {
    const path = this.#belowRoot();
    if (path !== null) renameSync(bytesOf(path), bytesOf(this.#newPath()));
  }

  #moveOut(): void {
    const path = this.#random(2) === 0 ? this.#anyFile() : this.#belowRoot();
    if (path === null) return;
    renameSync(bytesOf(path), bytesOf(`${this.#options.outside}/${this.#seed}-${this.#count}`));
  }

  #moveIn(): void {
    const names = this.#entries(this.#options.outside);
    const name = names[this.#random(Math.max(1, names.length))];
    if (name !== undefined)
      renameSync(bytesOf(`${this.#options.outside}/${name}`), bytesOf(this.#newPath()));
  }

  #changeType(): void {
    const path = this.#anyFile();
    rmSync(bytesOf(path));
    if (this.#random(2) === 0) this.#tree(path);
    else symlinkSync("elsewhere", bytesOf(path));
  }

  #anything(): string {
    return this.#random(2) === 0 ? this.#anyFile() : this.#anyDirectory();
  }

  #chmod(): void {
    const path = this.#anything();
    const bits = this.#random(0o1000);
    chmodSync(bytesOf(path), this.#options.isRoot ? bits : bits | 0o700);
  }

  /** Also to times that others have had. */
  #setTime(): void {
    const time = 1_500_000_000 + this.#random(3) + this.#random(1000) / 1000;
    lutimesSync(bytesOf(this.#anything()), time, time);
  }

  #chown(): void {
    if (this.#options.isRoot)
      lchownSync(bytesOf(this.#anything()), this.#random(3), this.#random(3));
  }
}
