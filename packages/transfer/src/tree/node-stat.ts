/**
 * Node's picture of an item and ours.
 * @module
 */
import type { BigIntStats } from "node:fs";
import type { FileStat, FileTime } from "./file-tree.js";

const NS_PER_SECOND = 1_000_000_000n;

/** What `fs.lstatSync(path, { bigint: true })` tells, as a {@link FileStat}. */
export function fromNodeStat(stats: BigIntStats): FileStat {
  const mtime = splitNs(stats.mtimeNs);
  const atime = splitNs(stats.atimeNs);
  return {
    mode: Number(stats.mode),
    size: Number(stats.size),
    mtime: mtime.seconds,
    mtimeNs: mtime.nanoseconds,
    atime: atime.seconds,
    atimeNs: atime.nanoseconds,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    nlink: Number(stats.nlink),
    dev: stats.dev,
    ino: stats.ino,
    ...splitDevice(stats.rdev),
  };
}

/**
 * Seconds as Node's utimes functions take them: a double, exact to about 0.2 µs in this century. For a negative number
 * they would set the present time, but not for its text.
 */
export function toNodeTime(time: FileTime): number | string {
  const seconds = time.seconds + time.nanoseconds / 1e9;
  return seconds < 0 ? String(seconds) : seconds;
}

/** When an item was read last. */
export function accessTime(stat: FileStat): FileTime {
  return { seconds: stat.atime, nanoseconds: stat.atimeNs };
}

/** Rounds down, so that the nanoseconds are never negative. */
function splitNs(ns: bigint): FileTime {
  const seconds = ns / NS_PER_SECOND - (ns % NS_PER_SECOND < 0n ? 1n : 0n);
  return { seconds: Number(seconds), nanoseconds: Number(ns - seconds * NS_PER_SECOND) };
}

/** On Linux: minor 7..0, major 11..0, minor 31..8, major 31..12. Other systems have eight bits of minor or 24. */
function splitDevice(rdev: bigint): { rdevMajor: number; rdevMinor: number } {
  if (process.platform !== "linux") {
    return { rdevMajor: Number((rdev >> 24n) & 0xffn), rdevMinor: Number(rdev & 0xffffffn) };
  }
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn & 0xffffffffn);
  return { rdevMajor: Number(major), rdevMinor: Number(minor) };
}
