/**
 * Locks that other rsync daemons respect: write locks on byte ranges of a file, four bytes for each slot.
 *
 * They are locks of the open file, not of the process (`F_OFD_SETLK`), so they conflict with the record locks of rsync and
 * do not vanish when another descriptor of the file is closed. Linux only, through the optional dependency `koffi`.
 *
 *     struct flock   i16 type, i16 whence, 4 bytes, i64 start, i64 length, i32 pid, 4 bytes
 *
 * @module
 */
import { createRequire } from "node:module";
import { endianness } from "node:os";

const F_OFD_SETLK = 37;
const F_WRLCK = 1;
const F_UNLCK = 2;
const FLOCK_BYTES = 32;
const FLOCK_START = 8;
const FLOCK_LENGTH = 16;
const SLOT_BYTES = 4;

/** Locks slots of an open file. */
export interface SlotLocks {
  /** False when somebody else has it. */
  lock(descriptor: number, slot: number): boolean;
  unlock(descriptor: number, slot: number): void;
}

type Fcntl = (descriptor: number, command: number, lock: Uint8Array) => number;

/** Where there are no such locks every slot is free: this process counts alone. */
const NO_LOCKS: SlotLocks = { lock: () => true, unlock: () => {} };

function bindFcntl(): Fcntl | null {
  if (process.platform !== "linux" || endianness() !== "LE") return null;
  try {
    const koffi = createRequire(import.meta.url)("koffi") as {
      load(path: null): { func(name: string, result: string, args: string[]): Fcntl };
    };
    return koffi.load(null).func("fcntl", "int", ["int", "int", "void *"]);
  } catch {
    return null; // an optional dependency: without it slots are counted in this process alone
  }
}

function flock(type: number, slot: number): Uint8Array {
  const lock = new Uint8Array(FLOCK_BYTES);
  const view = new DataView(lock.buffer);
  view.setInt16(0, type, true);
  view.setBigInt64(FLOCK_START, BigInt(slot) * BigInt(SLOT_BYTES), true);
  view.setBigInt64(FLOCK_LENGTH, BigInt(SLOT_BYTES), true);
  return lock;
}

let locks: SlotLocks | undefined;

/** The locks of this system. */
export function slotLocks(): SlotLocks {
  if (locks === undefined) {
    const fcntl = bindFcntl();
    locks =
      fcntl === null
        ? NO_LOCKS
        : {
            lock: (descriptor, slot) => fcntl(descriptor, F_OFD_SETLK, flock(F_WRLCK, slot)) === 0,
            unlock: (descriptor, slot) => {
              fcntl(descriptor, F_OFD_SETLK, flock(F_UNLCK, slot));
            },
          };
  }
  return locks;
}
