/**
 * Real trees for tests: building them from a description, changing them, and comparing them whole.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";

/** A path whose characters are bytes, as a Buffer that fs calls take. */
export const bytesOf = (path: string): Buffer => Buffer.from(path, "latin1");

/** One item of a tree as comparisons see it. */
export interface Item {
  type: string;
  mode: string;
  owner: string;
  mtime: string;
  size: number;
  content: string;
}

// A Map: Biome 2.6.8 rewrites octal object keys to wrong numbers.
const TYPES = new Map([
  [0o100000, "file"],
  [0o040000, "dir"],
  [0o120000, "link"],
  [0o010000, "fifo"],
  [0o140000, "socket"],
  [0o020000, "char"],
  [0o060000, "block"],
]);

/** What a comparison looks at besides names, types, modes, contents and link targets. */
export interface CompareOptions {
  owners?: boolean;
  /** Nanoseconds, whole seconds, or not at all. */
  times?: "ns" | "s" | "none";
  directoryTimes?: boolean;
}

function digest(path: Buffer): string {
  const hash = createHash("sha1");
  const chunk = Buffer.alloc(1 << 20);
  const fd = openSync(path, "r");
  try {
    for (let n = readSync(fd, chunk); n > 0; n = readSync(fd, chunk))
      hash.update(chunk.subarray(0, n));
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** Everything below `root` (and the root itself as "."), by path in latin1 form. */
export function readTree(root: string, options: CompareOptions = {}): Record<string, Item> {
  const items: Record<string, Item> = {};
  const visit = (path: string, name: string): void => {
    const at = bytesOf(path);
    const stat = lstatSync(at, { bigint: true });
    const type = TYPES.get(Number(stat.mode) & 0o170000) ?? "?";
    const ns = options.times === "s" ? stat.mtimeNs / 1_000_000_000n : stat.mtimeNs;
    const timed = options.times !== "none" && (type !== "dir" || options.directoryTimes !== false);
    items[name] = {
      type,
      mode: (Number(stat.mode) & 0o7777).toString(8),
      owner: options.owners === false ? "" : `${stat.uid}:${stat.gid}`,
      mtime: timed ? String(ns) : "",
      size: type === "file" ? Number(stat.size) : 0,
      content: type === "file" ? digest(at) : type === "link" ? readlinkSync(at, "latin1") : "",
    };
    if (type !== "dir") return;
    for (const child of readdirSync(at, "latin1").sort()) {
      visit(`${path}/${child}`, name === "." ? child : `${name}/${child}`);
    }
  };
  visit(root, ".");
  return items;
}

/** Pseudo-random bytes that are the same in each run. */
export function noise(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let state = seed | 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}

const OLD = 1_500_000_000;

function file(
  root: string,
  name: string,
  content: Buffer | string,
  mode = 0o644,
  mtime = OLD,
): void {
  const path = bytesOf(`${root}/${name}`);
  writeFileSync(path, content);
  chmodSync(path, mode);
  utimesSync(path, mtime, mtime + 0.123456);
}

function link(root: string, name: string, target: string): void {
  const path = bytesOf(`${root}/${name}`);
  symlinkSync(bytesOf(target), path);
  lutimesSync(path, OLD, OLD + 7);
}

export const BIG_FILE = "big/fifty-megabytes.bin";
const BIG_BYTES = 50_000_000;

/**
 * The tree of the interop matrix: nested and empty directories, empty files, sizes around block boundaries, a large file,
 * odd names, odd modes, links of all sorts.
 */
export function buildTree(root: string, options: { big: boolean }): void {
  rmSync(root, { recursive: true, force: true });
  for (const name of [
    "",
    "/a/b/c/d",
    "/empty",
    "/a/also-empty",
    "/names",
    "/modes",
    "/big",
    "/links",
    "/a-b",
  ]) {
    mkdirSync(root + name, { recursive: true });
  }
  file(root, "zero", "");
  file(root, "a/zero too", "");
  for (const size of [
    1, 699, 700, 701, 1399, 1400, 1401, 32767, 32768, 32769, 65535, 65536, 65537, 262144, 490001,
  ]) {
    file(root, `a/b/size-${size}`, noise(size, size), 0o644, OLD + size);
  }
  file(root, "a/b/c/d/deep", "deep\n");
  file(root, "a-b/sorts before a", "x");
  file(root, "names/with space", "1");
  file(root, "names/with\nnewline", "2");
  file(root, "names/t\xc3\xa9l\xc3\xa9", "3"); // UTF-8
  file(root, "names/\xff\xfe invalid", "4");
  file(root, "names/-dash", "5");
  file(root, "names/back\\slash", "6");
  file(root, `names/${"l".repeat(255)}`, "7");
  file(root, "modes/private", "p", 0o600);
  file(root, "modes/nothing", "n", 0o000);
  file(root, "modes/all", "a", 0o777);
  file(root, "modes/setid", "s", 0o6755);
  mkdirSync(`${root}/modes/sticky`);
  chmodSync(`${root}/modes/sticky`, 0o1777);
  mkdirSync(`${root}/modes/closed`);
  file(root, "modes/closed/in", "c", 0o400);
  chmodSync(`${root}/modes/closed`, 0o500);
  link(root, "links/dangling", "no/such/place");
  link(root, "links/absolute", "/etc/hostname");
  link(root, "links/relative", "../a/b/size-700");
  link(root, "links/directory", "../a");
  link(root, "links/\xff odd", "\xfe odd target");
  if (options.big) file(root, BIG_FILE, noise(BIG_BYTES, 42));
  ageDirectories(root);
}

/** Old directory times, so that a wrongly touched directory shows. */
function ageDirectories(root: string): void {
  for (const [name, item] of Object.entries(readTree(root)).reverse()) {
    if (item.type === "dir") utimesSync(bytesOf(`${root}/${name}`), OLD, OLD + 11);
  }
}

/** Changes a tree built by `buildTree`: edits, an insertion at the front, new and vanished items, types swapped. */
export function changeTree(root: string, options: { big: boolean }): void {
  const edit = (name: string, change: (content: Buffer) => Buffer): void => {
    file(root, name, change(readFileSync(bytesOf(`${root}/${name}`))), 0o644, OLD + 1_000_000);
  };
  edit("a/b/size-262144", (b) => Buffer.concat([Buffer.from("front"), b]));
  edit("a/b/size-490001", (b) => {
    b.write("edited", 1234);
    b.write("edited", 400_000);
    return b;
  });
  edit("a/b/size-65536", (b) => b.subarray(0, 60_000));
  edit("a/b/size-700", () => Buffer.alloc(0));
  edit("zero", () => noise(5000, 3));
  if (options.big) bigEdit(root);
  rmSync(`${root}/a/zero too`);
  rmSync(`${root}/a-b`, { recursive: true });
  file(root, "names/new file", "new");
  mkdirSync(`${root}/a/b/new dir`);
  file(root, "a/b/new dir/inside", "new too");
  rmSync(`${root}/links/relative`);
  link(root, "links/relative", "../a/b/size-701");
  rmSync(`${root}/links/directory`);
  mkdirSync(`${root}/links/directory`);
  rmSync(`${root}/empty`, { recursive: true });
  file(root, "empty", "was a directory");
  chmodSync(`${root}/modes/all`, 0o640);
  ageDirectories(root);
}

/** A few edits inside and an insertion at the front of the large file. */
function bigEdit(root: string): void {
  const path = `${root}/${BIG_FILE}`;
  const old = readFileSync(path);
  for (let i = 1; i <= 20; i++) old.write(`edit ${i}`, i * 2_000_003);
  const fd = openSync(path, "w");
  writeSync(fd, "inserted at the front\n");
  writeSync(fd, old);
  closeSync(fd);
  utimesSync(path, OLD + 5, OLD + 2_000_000);
}
