/**
 * inotify(7), eventfd(2) and poll(2), each call returning its result or a negated errno.
 *
 *     struct pollfd   i32 descriptor, i16 asked for, i16 found
 *
 * @module
 */
import { constants } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import { bindRequired, type Library, loadLibrary, PathArgument } from "@tsrsync/transfer/linux";

const IN_CLOEXEC = 0o2000000;
const EFD_CLOEXEC = 0o2000000;

const POLLIN = 1;
const POLLFD_BYTES = 8;
const POLLFD_FOUND = 6;

/** The calls that a watching process needs. */
export interface InotifyCalls {
  /** A new instance, closed by `fs.closeSync`. Reading it never blocks. */
  createInstance(): number;
  /** The watch descriptor of the directory: that of the watch which is there already, when there is one. */
  addWatch(instance: number, path: ByteString, mask: number): number;
  removeWatch(instance: number, watch: number): number;
  /** A descriptor that becomes readable when eight bytes are written to it. Reading it never blocks. */
  createWaker(): number;
  read(descriptor: number, buffer: Uint8Array): number;
}

/** Binds the calls of {@link InotifyCalls}; `null` where the C library is out of reach. */
export function loadInotifyCalls(): InotifyCalls | null {
  const library = loadLibrary();
  if (library === null) return null;
  const init = bindRequired(library, "int", "inotify_init1", ["int"]);
  const add = bindRequired(library, "int", "inotify_add_watch", ["int", "void *", "uint"]);
  const remove = bindRequired(library, "int", "inotify_rm_watch", ["int", "int"]);
  const eventfd = bindRequired(library, "int", "eventfd", ["uint", "int"]);
  const read = bindRequired(library, "long", "read", ["int", "void *", "size_t"]);
  const argument = new PathArgument();
  return {
    createInstance: () => library.outcome(init(IN_CLOEXEC | constants.O_NONBLOCK)),
    addWatch: (instance, path, mask) =>
      library.outcome(add(instance, argument.store(path), mask >>> 0)),
    removeWatch: (instance, watch) => library.outcome(remove(instance, watch)),
    createWaker: () => library.outcome(eventfd(0, EFD_CLOEXEC | constants.O_NONBLOCK)),
    read: (descriptor, buffer) => library.outcome(read(descriptor, buffer, buffer.length)),
  };
}

/** Waits for descriptors to become readable, by sleeping in the kernel. */
export class Poll {
  readonly #poll: (...args: (number | Uint8Array)[]) => number;
  #descriptors: readonly number[] = [];
  #entries = new Uint8Array(0);
  #view = new DataView(this.#entries.buffer);

  constructor(library: Library) {
    this.#poll = bindRequired(library, "int", "poll", ["void *", "uint64_t", "int"]);
  }

  /** What to wait for from now on. */
  watch(descriptors: readonly number[]): void {
    this.#descriptors = descriptors;
    this.#entries = new Uint8Array(descriptors.length * POLLFD_BYTES);
    this.#view = new DataView(this.#entries.buffer);
    descriptors.forEach((_, index) => {
      this.heed(index, true);
      this.#view.setInt16(index * POLLFD_BYTES + 4, POLLIN, true);
    });
  }

  /** Waits for the descriptor with this index, or leaves it out. */
  heed(index: number, isHeeded: boolean): void {
    // The kernel passes over entries with a negative descriptor.
    this.#view.setInt32(index * POLLFD_BYTES, isHeeded ? this.#descriptors[index]! : -1, true);
  }

  /** Waits for at most `timeoutMs` (-1: for ever). */
  wait(timeoutMs: number): void {
    this.#poll(this.#entries, this.#descriptors.length, timeoutMs);
  }

  /** Whether the descriptor with this index was found readable by the last wait. */
  isReady(index: number): boolean {
    return this.#entries[index * POLLFD_BYTES + POLLFD_FOUND] !== 0;
  }
}
