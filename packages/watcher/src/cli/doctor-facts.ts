/**
 * What `doctor` finds out about this machine. Nothing is changed.
 * @module
 */
import { accessSync, constants, type Dirent, readFileSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { RootSettings } from "../config/settings.js";
import { DirectoryLinks, nodePath } from "../links/directory-links.js";

export interface MachineFacts {
  readonly platform: string;
  readonly nodeVersion: string;
  readonly userId: number;
  /** Kernel limits, `null` where they can not be read. */
  readonly maxUserWatches: number | null;
  readonly maxUserInstances: number | null;
  readonly maxQueuedEvents: number | null;
  readonly openFiles: number | null;
  /** Whether system calls can be made directly. */
  readonly hasKoffi: boolean;
  readonly roots: readonly RootFacts[];
  readonly stateDir: StateDirFacts;
}

export interface RootFacts {
  readonly name: string;
  readonly path: string;
  readonly directories: number;
  /** Why it could not be counted, or null. */
  readonly error: string | null;
}

export interface StateDirFacts {
  readonly path: string;
  readonly exists: boolean;
  /** It, or the directory that it would be made in, can be written to. */
  readonly writable: boolean;
  /** Permission bits, or null when it does not exist. */
  readonly mode: number | null;
}

/** Looks at the machine. */
export async function machineFacts(
  roots: readonly RootSettings[],
  stateDir: string,
): Promise<MachineFacts> {
  const counted: RootFacts[] = [];
  for (const root of roots) counted.push(await countRoot(root));
  return {
    platform: process.platform,
    nodeVersion: process.version,
    userId: process.getuid?.() ?? -1,
    maxUserWatches: kernelNumber("max_user_watches"),
    maxUserInstances: kernelNumber("max_user_instances"),
    maxQueuedEvents: kernelNumber("max_queued_events"),
    openFiles: openFileLimit(),
    hasKoffi: await canLoadKoffi(),
    roots: counted,
    stateDir: stateDirFacts(stateDir),
  };
}

function kernelNumber(name: string): number | null {
  try {
    return Number(readFileSync(`/proc/sys/fs/inotify/${name}`, "utf8"));
  } catch {
    // Other systems have no such file, and no such limit.
    return null;
  }
}

function openFileLimit(): number | null {
  try {
    const match = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    return match === null ? null : Number(match[1]);
  } catch {
    return null;
  }
}

async function canLoadKoffi(): Promise<boolean> {
  try {
    await import("koffi");
    return true;
  } catch {
    return false;
  }
}

async function countRoot({ name, path, live }: RootSettings): Promise<RootFacts> {
  try {
    const { dev } = statSync(path, { bigint: true });
    return {
      name,
      path,
      directories: await countDirectories(
        path,
        live.oneFileSystem ? dev : null,
        live.followSymlinkDirs,
      ),
      error: null,
    };
  } catch (error) {
    return { name, path, directories: 0, error: (error as Error).message };
  }
}

/** `follows`: links to directories are counted, with what is in them. */
async function countDirectories(
  root: string,
  device: bigint | null,
  follows: boolean,
): Promise<number> {
  let count = 1;
  const links = new DirectoryLinks(byteStringFromText(root));
  const waiting: ByteString[] = [""];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    const above = directory === "" ? "" : `${directory}/`;
    for (const entry of await entriesOf(links.absolute(directory))) {
      const path = above + entry.name.toString("latin1");
      const isFollowed = follows && entry.isSymbolicLink() && links.behind(path) !== null;
      if (!entry.isDirectory() && !isFollowed) continue;
      if (device !== null && deviceOf(links.absolute(path)) !== device) continue;
      count++;
      waiting.push(path);
    }
  }
  return count;
}

function deviceOf(path: ByteString): bigint | undefined {
  return statSync(nodePath(path), { bigint: true, throwIfNoEntry: false })?.dev;
}

/** Names are bytes: directories are read as such. */
async function entriesOf(directory: ByteString): Promise<Dirent<Buffer>[]> {
  try {
    return await readdir(nodePath(directory), { withFileTypes: true, encoding: "buffer" });
  } catch {
    // What can not be read can not be watched either; the mirror tells.
    return [];
  }
}

function stateDirFacts(path: string): StateDirFacts {
  const found = statSync(path, { throwIfNoEntry: false });
  let place = path;
  while (
    found === undefined &&
    place !== "/" &&
    statSync(place, { throwIfNoEntry: false }) === undefined
  ) {
    place = dirname(place);
  }
  return {
    path,
    exists: found !== undefined,
    writable: isWritable(place),
    mode: found === undefined ? null : found.mode & 0o7777,
  };
}

function isWritable(path: string): boolean {
  try {
    accessSync(join(path, "."), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
