/**
 * `max connections` and `lock file`: how many clients a module serves at a time.
 *
 * Spec: docs/protocol/5-daemon.md, 5.6.5.
 * @module
 */
import { closeSync, constants } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { openTrusted, reason } from "@tsrsync/transfer";
import type { ModuleParameters } from "../config/index.js";
import { type SlotLocks, slotLocks } from "./slot-locks.js";

/** A slot that a connection holds, until `release`, which may be called again. */
export interface ConnectionSlot {
  release(): void;
}

/** Why there is no slot: a line for the log and one for the client. */
export interface SlotRefusal {
  readonly log: ByteString;
  readonly client: ByteString;
}

/** Either of the two. */
export type SlotClaim =
  | { readonly ok: true; readonly slot: ConnectionSlot }
  | { readonly ok: false; readonly refusal: SlotRefusal };

/** The slots of one lock file that connections of this process hold. */
interface LockFile {
  readonly descriptor: number | null;
  readonly held: Set<number>;
}

const FREE: ConnectionSlot = { release() {} };

/**
 * The slots of a daemon. Modules that name the same lock file share its slots, with other rsync daemons too where the
 * system has the locks for it.
 */
export class ConnectionSlots {
  readonly #files = new Map<ByteString, LockFile>();
  readonly #locks: SlotLocks;

  constructor(locks: SlotLocks = slotLocks()) {
    this.#locks = locks;
  }

  /**
   * Takes the first free slot. Without a limit no file is touched; without a `lock file` the slots are those of this process
   * alone.
   */
  claim(module: Pick<ModuleParameters, "maxConnections" | "lockFile">): SlotClaim {
    const { maxConnections: limit, lockFile } = module;
    if (limit === 0) return { ok: true, slot: FREE };
    let file: LockFile;
    try {
      file = this.#open(lockFile);
    } catch (error) {
      const log = `failed to open lock file ${lockFile}: ${reason(error)}`;
      return { ok: false, refusal: { log, client: "@ERROR: failed to open lock file" } };
    }
    for (let index = 0; index < limit; index++) {
      if (!this.#take(file, index)) continue;
      return { ok: true, slot: { release: () => this.#release(lockFile, file, index) } };
    }
    this.#closeIfUnused(lockFile, file);
    const log = `max connections (${limit}) reached`;
    return { ok: false, refusal: { log, client: `@ERROR: ${log} -- try again later` } };
  }

  #open(path: ByteString): LockFile {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const flags = constants.O_RDWR | constants.O_CREAT;
    const descriptor = path === "" ? null : openTrusted(path, flags, 0o600);
    const file = { descriptor, held: new Set<number>() };
    this.#files.set(path, file);
    return file;
  }

  #take({ descriptor, held }: LockFile, index: number): boolean {
    if (held.has(index)) return false;
    if (descriptor !== null && !this.#locks.lock(descriptor, index)) return false;
    held.add(index);
    return true;
  }

  #release(path: ByteString, file: LockFile, index: number): void {
    if (!file.held.delete(index)) return;
    if (file.descriptor !== null) this.#locks.unlock(file.descriptor, index);
    this.#closeIfUnused(path, file);
  }

  #closeIfUnused(path: ByteString, { descriptor, held }: LockFile): void {
    if (held.size > 0) return;
    this.#files.delete(path);
    if (descriptor !== null) closeSync(descriptor);
  }
}
