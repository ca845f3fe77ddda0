/**
 * Keys and values of the store, format 1. Numbers in keys are big-endian, those in values little-endian; each value ends with
 * a CRC-32 of key and value.
 *
 *     "F"                                 { format, openedIn, isClosed }, JSON
 *     "R" name of the root                { id, path, ... }, JSON
 *     "T" root u32, target u32            what is kept of a target, JSON
 *     "D" root u32, target u32, path      dirty: sequence f64, first f64, since f64, reach u8, flags u8 (1 force, 2 touched)
 *     "S" root u32, path in walk order    snapshot: mode u32, inode u64, ctime i64
 *     "Y"                                 null, JSON: written for the sake of writing
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { DirtyRecord } from "../state/dirty-record.js";
import { Reach } from "../state/mark.js";
import type { KeyRange, StoreOperation } from "./level-store.js";
import { type SnapshotEntry, walkOrderKey } from "./snapshot.js";

export const FORMAT = 1;
export const FORMAT_KEY: Buffer = Buffer.from("F");

const CRC_BYTES = 4;
const DIRTY_BYTES = 26;
const SNAPSHOT_BYTES = 20;
const SNAPSHOT_PREFIX = 5;
const DIRTY_PREFIX = 9;
const FORCE = 1;
const TOUCHED = 2;

/** The key of a root's own record. */
export function rootKey(name: string): Buffer {
  return Buffer.from(`R${name}`);
}

export const ALL_ROOTS: KeyRange = { from: Buffer.from("R"), to: Buffer.from("S") };
/** Everything there is. */
export const ALL_RECORDS: KeyRange = { from: Buffer.alloc(0), to: Buffer.from([0xff]) };

export function targetKey(root: number, target: number): Buffer {
  return prefixed("T", root, target, "");
}

export function dirtyKey(root: number, target: number, path: ByteString): Buffer {
  return prefixed("D", root, target, path);
}

export function snapshotKey(root: number, path: ByteString): Buffer {
  const key = Buffer.allocUnsafe(SNAPSHOT_PREFIX + path.length);
  key.write("S", 0, "latin1");
  key.writeUInt32BE(root, 1);
  key.write(walkOrderKey(path), SNAPSHOT_PREFIX, "latin1");
  return key;
}

function prefixed(kind: string, root: number, target: number, path: ByteString): Buffer {
  const key = Buffer.allocUnsafe(DIRTY_PREFIX + path.length);
  key.write(kind, 0, "latin1");
  key.writeUInt32BE(root, 1);
  key.writeUInt32BE(target, 5);
  key.write(path, DIRTY_PREFIX, "latin1");
  return key;
}

/** All dirty paths of a target. */
export function dirtyRange(root: number, target: number): KeyRange {
  return { from: dirtyKey(root, target, ""), to: dirtyKey(root, target + 1, "") };
}

/** What the snapshot has of a root. */
export function snapshotRange(root: number): KeyRange {
  return { from: snapshotKey(root, ""), to: snapshotKey(root + 1, "") };
}

/** What the snapshot has below the path of a key. */
export function snapshotBelow(key: Buffer): KeyRange {
  const from = Buffer.concat([key, Buffer.of(0)]);
  const isRoot = key.length === SNAPSHOT_PREFIX;
  const to = isRoot ? snapshotKey(key.readUInt32BE(1) + 1, "") : Buffer.concat([key, Buffer.of(1)]);
  return { from, to };
}

export function dirtyPath(key: Buffer): ByteString {
  return key.toString("latin1", DIRTY_PREFIX);
}

/** Ends a value with its checksum. The last four bytes of `value` are overwritten. */
function seal(key: Buffer, value: Buffer): Buffer {
  const end = value.length - CRC_BYTES;
  value.writeUInt32LE(crc32(value.subarray(0, end), crc32(key)), end);
  return value;
}

function isWhole(key: Buffer, value: Buffer): boolean {
  const end = value.length - CRC_BYTES;
  return end >= 0 && crc32(value.subarray(0, end), crc32(key)) === value.readUInt32LE(end);
}

export function encodeJson(key: Buffer, content: unknown): Buffer {
  return seal(key, Buffer.concat([Buffer.from(JSON.stringify(content)), Buffer.alloc(CRC_BYTES)]));
}

/** `undefined` when the value is damaged. */
export function decodeJson(key: Buffer, value: Buffer): unknown {
  if (!isWhole(key, value)) return undefined;
  return JSON.parse(value.toString("utf8", 0, value.length - CRC_BYTES));
}

export function encodeDirty(key: Buffer, record: DirtyRecord): Buffer {
  const value = Buffer.allocUnsafe(DIRTY_BYTES + CRC_BYTES);
  value.writeDoubleLE(record.sequence, 0);
  value.writeDoubleLE(record.first, 8);
  value.writeDoubleLE(record.since, 16);
  value[24] = record.reach;
  value[25] = (record.force ? FORCE : 0) + (record.touched ? TOUCHED : 0);
  return seal(key, value);
}

/** `null` when the record is damaged. */
export function decodeDirty(key: Buffer, value: Buffer): DirtyRecord | null {
  if (value.length !== DIRTY_BYTES + CRC_BYTES || !isWhole(key, value)) return null;
  const reach = value[24]!;
  return {
    path: dirtyPath(key),
    sequence: value.readDoubleLE(0),
    first: value.readDoubleLE(8),
    since: value.readDoubleLE(16),
    reach: reach === 0 ? Reach.Item : reach === 1 ? Reach.Tree : Reach.Reconcile,
    force: (value[25]! & FORCE) !== 0,
    touched: (value[25]! & TOUCHED) !== 0,
  };
}

export function encodeSnapshot(key: Buffer, { mode, inode, ctimeNs }: SnapshotEntry): Buffer {
  const value = Buffer.allocUnsafe(SNAPSHOT_BYTES + CRC_BYTES);
  value.writeUInt32LE(mode, 0);
  value.writeBigUInt64LE(inode, 4);
  value.writeBigInt64LE(ctimeNs, 12);
  return seal(key, value);
}

/** The change that records an entry. */
export function snapshotPut(root: number, entry: SnapshotEntry): StoreOperation {
  const key = snapshotKey(root, entry.path);
  return { type: "put", key, value: encodeSnapshot(key, entry) };
}

/** A damaged record tells that something was there: nothing on disk is equal to it. */
export function decodeSnapshot(key: Buffer, value: Buffer): SnapshotEntry {
  const path = key.toString("latin1", SNAPSHOT_PREFIX).replaceAll("\0", "/");
  if (value.length !== SNAPSHOT_BYTES + CRC_BYTES || !isWhole(key, value)) {
    return { path, mode: 0, inode: 0n, ctimeNs: 0n };
  }
  return {
    path,
    mode: value.readUInt32LE(0),
    inode: value.readBigUInt64LE(4),
    ctimeNs: value.readBigInt64LE(12),
  };
}
