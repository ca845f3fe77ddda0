/**
 * What the store keeps of a root itself.
 * @module
 */
import { statSync } from "node:fs";

/** A root, by its name. Its numbers are part of the keys of all that belongs to it. */
export interface RootRecord {
  id: number;
  path: string;
  /** The directory, as `device:inode`; empty when it was not there. */
  directory: string;
  /** The last number that was given out. */
  sequence: number;
  /** A walk came to its end. */
  isComplete: boolean;
  /** The numbers of targets, by name. */
  targets: Record<string, number>;
  nextTarget: number;
}

/** @returns `null` when `content` is no such record. */
export function readRootRecord(content: unknown): RootRecord | null {
  if (typeof content !== "object" || content === null) return null;
  const record = content as Partial<RootRecord>;
  const isWhole =
    typeof record.id === "number" &&
    typeof record.path === "string" &&
    typeof record.directory === "string" &&
    typeof record.sequence === "number" &&
    typeof record.isComplete === "boolean" &&
    typeof record.nextTarget === "number" &&
    typeof record.targets === "object" &&
    Object.values(record.targets).every((id) => typeof id === "number");
  return isWhole ? (record as RootRecord) : null;
}

/** Which directory a path leads to now. */
export function directoryId(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.dev}:${stats.ino}`;
}

/**
 * Why the record does not speak of the directory at `path`; `null` when it does. A missing directory may come back. The
 * number of a device may be another one after the machine was started anew.
 */
export function changeOfRoot(record: RootRecord, path: string, isSameBoot: boolean): string | null {
  if (record.path !== path) return `the root was ${record.path} before, it is ${path} now`;
  const now = directoryId(path);
  if (now === "" || record.directory === "") return null;
  const inode = (id: string) => id.slice(id.indexOf(":") + 1);
  const isSame = isSameBoot ? now === record.directory : inode(now) === inode(record.directory);
  return isSame ? null : `${path} is another directory than before`;
}
