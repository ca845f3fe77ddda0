/**
 * A walk through a part of the tree, in slices: each directory is watched first and read then, so that nothing falls between
 * (spec 6, 3.1). Entries come in byte order of their names, a directory's before what follows it.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { NO_NODE } from "./directory-tree.js";
import { type Disk, type DiskEntry, isDirectory, isGone, isRegular } from "./disk.js";
import { joinPath } from "./mark-sink.js";
import type { IsHidden } from "./options.js";
import { ShardRegion } from "./shard-region.js";
import type { Adoption, WatchedTree } from "./watched-tree.js";

/** The clock is asked once for so many entries. */
const ENTRIES_PER_LOOK = 16;

/** What a walk tells. */
export interface WalkVisitor {
  /** `node` is that of the directory which it lies in. `adoption` is told for directories that are gone into or could not be. */
  entry(
    path: ByteString,
    entry: DiskEntry,
    node: number,
    name: ByteString,
    adoption: Adoption | null,
  ): void;
  /** What is at (or below) a path is not known: nothing may be concluded from its not being told. */
  unknown(path: ByteString): void;
}

export interface WalkContext {
  disk: Disk;
  watched: WatchedTree;
  isHidden: IsHidden | null;
  /** The file system that is not left, or `null`. */
  device: bigint | null;
  warn(text: string): void;
  /** A detached directory was met: it must be walked again when it gets a place. */
  detached(node: number): void;
  /** Another file system was met, which is gone into. */
  mounted(path: ByteString, device: bigint): void;
  /** A name of a file with several was met. */
  linked(node: number, name: ByteString, entry: DiskEntry): void;
  /** A walk that started from a directory goes on. */
  walked(start: number): void;
}

/**
 * Which directories are gone into although they are watched already, and compared with what is known of them: none but the
 * one that the walk starts from, all, or those of a shard.
 */
export type Again = "start" | "all" | ShardRegion;

interface Frame {
  node: number;
  path: ByteString;
  /** Its file system, `null` when that does not matter. */
  device: bigint | null;
  version: number;
  names: readonly ByteString[];
  at: number;
  /** Only gone through, on the way to directories of a shard. */
  isPassed: boolean;
}

export class Walk {
  entries = 0;
  readonly #context: WalkContext;
  readonly #visitor: WalkVisitor;
  readonly #again: Again;
  readonly #frames: Frame[] = [];
  /** Where it started; -1 when that directory is forgotten. */
  #start: number;
  #started = false;

  constructor(context: WalkContext, visitor: WalkVisitor, start: number, again: Again) {
    this.#context = context;
    this.#visitor = visitor;
    this.#again = again;
    this.#start = start;
  }

  /** Goes on until `deadlineMs` on the clock of `performance.now()`. True when the walk is at its end. */
  step(deadlineMs: number): boolean {
    if (!this.#started) this.#begin();
    this.#context.walked(this.#start);
    let untilLook = ENTRIES_PER_LOOK;
    for (;;) {
      const frame = this.#frames.at(-1);
      if (frame === undefined) return true;
      if (frame.at >= frame.names.length || !this.#isCurrent(frame)) this.#frames.pop();
      else this.#visit(frame, frame.names[frame.at++]!);
      if (--untilLook > 0) continue;
      untilLook = ENTRIES_PER_LOOK;
      if (performance.now() >= deadlineMs) return this.#frames.length === 0;
    }
  }

  #begin(): void {
    this.#started = true;
    const path = this.path();
    if (path !== null) this.#enterAgain(this.#start, path, this.#deviceOf(path));
    else if (this.#start !== NO_NODE) this.#context.detached(this.#start);
  }

  /** A directory is forgotten; the walk does not go on in it. */
  dropped(node: number): void {
    if (this.#start === node) this.#start = NO_NODE;
    for (const frame of this.#frames) if (frame.node === node) frame.node = NO_NODE;
    if (this.#again instanceof ShardRegion) this.#again.dropped(node);
  }

  /** Where the directory is now that it started from, `null` when it has no place. */
  path(): ByteString | null {
    return this.#start === NO_NODE ? null : this.#context.watched.tree.path(this.#start);
  }

  /** False when the frame's directory is not in its place any more. */
  #isCurrent(frame: Frame): boolean {
    if (frame.node === NO_NODE) return false;
    const { tree } = this.#context.watched;
    if (frame.version === tree.version) return true;
    const path = tree.path(frame.node);
    if (path === null) {
      this.#context.detached(frame.node);
      return false;
    }
    frame.path = path;
    frame.version = tree.version;
    return true;
  }

  #visit(frame: Frame, name: ByteString): void {
    const { disk, isHidden } = this.#context;
    const path = joinPath(frame.path, name);
    const entry = disk.look(path);
    if (typeof entry === "number") {
      if (!isGone(entry)) this.#visitor.unknown(path);
      else if (frame.isPassed) this.#vanished(frame.node, name);
      return;
    }
    const directory = isDirectory(entry);
    if (isHidden?.(path, directory)) return;
    this.entries++;
    if (directory) {
      if (frame.device !== null && entry.device !== frame.device) {
        this.#context.mounted(path, entry.device);
      }
      this.#directory(frame, name, path, entry);
      return;
    }
    if (entry.links > 1 && isRegular(entry)) this.#context.linked(frame.node, name, entry);
    this.#visitor.entry(path, entry, frame.node, name, null);
  }

  #directory(frame: Frame, name: ByteString, path: ByteString, entry: DiskEntry): void {
    const { device, watched, warn } = this.#context;
    const parent = frame.node;
    if (device !== null && entry.device !== device) {
      this.#visitor.entry(path, entry, parent, name, null);
      this.#visitor.unknown(path);
      return;
    }
    const adoption = watched.adopt(parent, name, path);
    if (this.#isNews(frame, adoption)) this.#visitor.entry(path, entry, parent, name, adoption);
    if (adoption.kind === "new") this.#enter(adoption.node, path, entry.device);
    else if (adoption.kind === "unreadable") {
      warn(`${path}: can not be watched (errno ${adoption.errno}): what is in it is not mirrored`);
      this.#visitor.unknown(path);
    } else if (adoption.kind !== "gone" && this.#isEnteredAgain(adoption.node)) {
      this.#enterAgain(adoption.node, path, entry.device);
    }
  }

  /** What is known about the directories above those of a shard is none of our business. */
  #isNews(frame: Frame, adoption: Adoption): boolean {
    if (!frame.isPassed || adoption.kind !== "known") return true;
    return (this.#again as ShardRegion).has(adoption.node);
  }

  #isEnteredAgain(node: number): boolean {
    if (this.#again instanceof ShardRegion) return this.#again.reaches(node);
    return this.#again === "all";
  }

  #enterAgain(node: number, path: ByteString, device: bigint | null): void {
    if (this.#again instanceof ShardRegion && !this.#again.has(node)) {
      this.#push(node, path, device, this.#again.namesIn(node), true);
    } else this.#enter(node, path, device);
  }

  #deviceOf(path: ByteString): bigint | null {
    const { device, disk } = this.#context;
    if (device !== null) return null; // no other one is gone into
    const found = path === "" ? disk.lookAtRoot() : disk.look(path);
    return found === null || typeof found === "number" ? null : found.device;
  }

  #enter(node: number, path: ByteString, device: bigint | null): void {
    const { disk, warn } = this.#context;
    const names = disk.list(path);
    if (typeof names === "number") {
      if (isGone(names)) return;
      warn(`${path === "" ? "the root" : path}: can not be read (errno ${-names})`);
      this.#visitor.unknown(path);
      return;
    }
    if (this.#again !== "start" || node === this.#start) this.#dropVanished(node, names);
    this.#push(node, path, device, names, false);
  }

  #push(
    node: number,
    path: ByteString,
    device: bigint | null,
    names: readonly ByteString[],
    isPassed: boolean,
  ): void {
    const { version } = this.#context.watched.tree;
    this.#frames.push({ node, path, device, version, names, at: 0, isPassed });
  }

  /** The shard that tells of the name has told it, but that the directory itself is gone was lost. */
  #vanished(parent: number, name: ByteString): void {
    const { watched } = this.#context;
    const node = watched.tree.find(parent, name);
    if (node !== NO_NODE) watched.displace(node);
  }

  /** Forgets the directories that were in this one and are not any more. */
  #dropVanished(node: number, names: readonly ByteString[]): void {
    const { watched } = this.#context;
    const { tree } = watched;
    let child = tree.firstChild(node);
    if (child === NO_NODE) return;
    const present = new Set(names);
    while (child !== NO_NODE) {
      const next = tree.nextSibling(child);
      if (!present.has(tree.name(child))) watched.displace(child);
      child = next;
    }
  }
}
