/**
 * openat(2) and openat2(2).
 *
 *     struct open_how   u64 flags, u64 mode, u64 resolve
 *
 * @module
 */
import { constants } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { O_CLOEXEC } from "./constants.js";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";

/** The same number on every processor; C libraries have no function for it. */
const SYS_OPENAT2 = 437;
const HOW_BYTES = 24;
const HOW_RESOLVE = 16;

/** The kernel gives up with EAGAIN when a rename anywhere crosses its walk; it says nothing about this path. */
const MAX_ATTEMPTS = 64;

/** Calls that return a descriptor or a negated errno. Close-on-exec is always set. */
export interface OpenCalls {
  openAt(directory: number, path: ByteString, flags: number, mode: number): number;
  /** openat2 without mode: `resolve` is a set of `RESOLVE_` flags. */
  openResolved(directory: number, path: ByteString, flags: number, resolve: number): number;
}

/** Binds the calls of this file. */
export function bindOpen(library: Library): OpenCalls {
  const openat = bindRequired(library, "int", "openat", ["int", "void *", "int", "uint"]);
  const syscall = bindRequired(library, "long", "syscall", [
    "int64_t",
    "int",
    "void *",
    "void *",
    "size_t",
  ]);
  const argument = new PathArgument();
  const how = new Uint8Array(HOW_BYTES);
  const howView = new DataView(how.buffer);
  const again = -constants.errno.EAGAIN;

  return {
    openAt: (directory, path, flags, mode) =>
      library.outcome(openat(directory, argument.store(path), flags | O_CLOEXEC, mode)),

    openResolved(directory, path, flags, resolve) {
      howView.setUint32(0, flags | O_CLOEXEC, true);
      howView.setUint32(HOW_RESOLVE, resolve, true);
      const bytes = argument.store(path);
      let outcome = again;
      for (let attempt = 0; attempt < MAX_ATTEMPTS && outcome === again; attempt++) {
        outcome = library.outcome(syscall(SYS_OPENAT2, directory, bytes, how, HOW_BYTES));
      }
      return outcome;
    },
  };
}
