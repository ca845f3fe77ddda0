/**
 * Watches over the root as a whole, so that a wrong, missing or emptied one never empties its targets (spec 6, 4.6).
 * @module
 */
import { opendirSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { ByteString } from "@tsrsync/protocol/wire";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { Disk, type DiskEntry, isDirectory, toNodePath } from "./disk.js";
import type { RootWatchOptions } from "./options.js";
import type { RootState } from "./root-watcher.js";

/** Why a root is halted. */
export interface Halt {
  state: Extract<RootState, "root-gone" | "unmounted" | "guarded">;
  reason: string;
}

/** A file system below the root. */
interface Mount {
  device: bigint;
  /** Where it is, without links; `null` where that could not be told. */
  place: string | null;
}

export class RootGuard {
  readonly #disk: Disk;
  readonly #options: Pick<RootWatchOptions, "path" | "guard" | "isHidden">;
  /** The root as it was when nothing was wrong with it, or as it was accepted. */
  #known: DiskEntry | null = null;
  /** The directory that was found empty and stayed so: what somebody writes into it does not make it the old root. */
  #emptied: DiskEntry | null = null;
  #acceptsEmpty = false;
  #acceptsNoMarker = false;
  /** What is mounted below the root, as walks met it. */
  readonly #mounts = new Map<ByteString, Mount>();
  /** A name that was in the root: as long as it is, the root need not be read to know that it is not empty. */
  #present: ByteString | null = null;

  constructor(disk: Disk, options: Pick<RootWatchOptions, "path" | "guard" | "isHidden">) {
    this.#disk = disk;
    this.#options = options;
  }

  /** What is wrong with the root now. `hadEntries`: it was not empty before. */
  check(hadEntries: boolean): Halt | null {
    const { path } = this.#options;
    const root = this.#disk.lookAtRoot();
    if (root === null) return { state: "root-gone", reason: `${path}: no such directory` };
    const halt = this.#checkPlace(root) ?? this.#checkContents(root, hadEntries);
    if (halt === null) this.#known ??= root;
    return halt;
  }

  /** The root is empty for so long that it was emptied, or that something is still to be mounted there. */
  staysEmpty(): void {
    this.#emptied = this.#disk.lookAtRoot();
  }

  /** A walk met another file system below the root, which is mirrored with it. */
  mounted(path: ByteString, device: bigint): void {
    this.#mounts.set(path, { device, place: placeOf(this.#disk.absolute(path)) });
  }

  /** Takes the root as it is now: it may be another directory, without its marker, or empty. */
  accept(): void {
    this.#known = null;
    this.#emptied = null;
    this.#mounts.clear();
    this.#acceptsEmpty = true;
    this.#acceptsNoMarker = true;
  }

  /** Whether this is the name of the marker file. */
  isMarker(name: ByteString): boolean {
    const { marker } = this.#options.guard;
    return marker !== null && byteStringFromText(marker) === name;
  }

  /** Whether nothing is in the root that would be mirrored. */
  isEmpty(): boolean {
    if (this.#present !== null && this.#isMirrored(this.#present)) return false;
    try {
      const directory = opendirSync(toNodePath(this.#options.path) as string, {
        // Node's types know only the encodings of text.
        encoding: "latin1" as BufferEncoding,
      });
      try {
        for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
          if (this.#options.isHidden?.(entry.name, entry.isDirectory()) === true) continue;
          this.#present = entry.name;
          return false;
        }
        return true;
      } finally {
        directory.closeSync();
      }
    } catch {
      return false; // what can not be read is told elsewhere
    }
  }

  #isMirrored(name: ByteString): boolean {
    const entry = this.#disk.look(name);
    return typeof entry !== "number" && this.#options.isHidden?.(name, isDirectory(entry)) !== true;
  }

  #checkPlace(root: DiskEntry): Halt | null {
    const { path, guard } = this.#options;
    const known = this.#known ?? root;
    if (guard.requireMount && !this.#isMountPoint(root)) {
      return { state: "unmounted", reason: `${path}: nothing is mounted there` };
    }
    if (root.device !== known.device) {
      return { state: "unmounted", reason: `${path}: it is on another file system now` };
    }
    if (!isSame(root, known)) {
      return { state: "root-gone", reason: `${path}: it is another directory now` };
    }
    return this.#checkMounts();
  }

  /** What is out of sight because its file system is unmounted is not gone. */
  #checkMounts(): Halt | null {
    for (const [path, { device, place }] of this.#mounts) {
      const found = this.#disk.look(path);
      if (typeof found !== "number" && found.device === device) continue;
      // It may be that a link leads elsewhere, and that all is where it was.
      if (place === null || deviceAt(place) !== device) {
        return { state: "unmounted", reason: `${path}: its file system is not mounted` };
      }
      this.#mounts.delete(path);
    }
    return null;
  }

  #checkContents(root: DiskEntry, hadEntries: boolean): Halt | null {
    const { path, guard } = this.#options;
    if (guard.marker !== null) {
      const marker = byteStringFromText(guard.marker);
      const isThere = typeof this.#disk.look(marker) !== "number";
      if (isThere) this.#acceptsNoMarker = false;
      else if (!this.#acceptsNoMarker) {
        return { state: "guarded", reason: `${path}: ${guard.marker} is not there` };
      }
    }
    if (!guard.haltWhenEmpty) return null;
    if (this.#emptied !== null && isSame(root, this.#emptied)) {
      return { state: "guarded", reason: `${path}: it was suddenly empty` };
    }
    if (!this.isEmpty()) this.#acceptsEmpty = false;
    else if (hadEntries && !this.#acceptsEmpty) {
      return { state: "guarded", reason: `${path}: it is suddenly empty` };
    }
    return null;
  }

  #isMountPoint(root: DiskEntry): boolean {
    const parent = new Disk(dirname(this.#options.path)).lookAtRoot();
    return parent === null || parent.device !== root.device || parent.inode === root.inode;
  }
}

function placeOf(path: ByteString): string | null {
  try {
    return realpathSync.native(toNodePath(path), "latin1");
  } catch {
    return null;
  }
}

function deviceAt(place: ByteString): bigint | null {
  try {
    return statSync(toNodePath(place), { bigint: true }).dev;
  } catch {
    return null;
  }
}

function isSame(one: DiskEntry, other: DiskEntry): boolean {
  return one.device === other.device && one.inode === other.inode;
}
