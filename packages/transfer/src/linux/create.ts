/**
 * mkdirat(2), symlinkat(2), linkat(2), mknodat(2): new names.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";
import { toDeviceNumber } from "./stat.js";

/** Calls that return 0 or a negated errno, EEXIST when there is anything of that name. */
export interface CreateCalls {
  /** The process's umask is taken from `mode`, here and in `makeNodeAt`. */
  makeDirectoryAt(directory: number, path: ByteString, mode: number): number;
  makeSymlinkAt(directory: number, path: ByteString, target: ByteString): number;
  /** A further name for an existing item, which may itself be a link. */
  linkAt(fromDirectory: number, from: ByteString, toDirectory: number, to: ByteString): number;
  /** A device, FIFO or socket by the type bits of `mode`. */
  makeNodeAt(
    directory: number,
    path: ByteString,
    mode: number,
    rdevMajor: number,
    rdevMinor: number,
  ): number;
}

/** The numbers of mknodat: C libraries before glibc 2.33 have it only as an inline function. */
const SYS_MKNODAT: Readonly<Record<string, number>> = {
  x64: 259,
  arm64: 33,
  riscv64: 33,
  loong64: 33,
};

/** Binds the calls of this file. */
export function bindCreate(library: Library): CreateCalls {
  const mkdirat = bindRequired(library, "int", "mkdirat", ["int", "void *", "uint"]);
  const symlinkat = bindRequired(library, "int", "symlinkat", ["void *", "int", "void *"]);
  const linkat = bindRequired(library, "int", "linkat", ["int", "void *", "int", "void *", "int"]);
  const mknodat = bindRequired(library, "long", "syscall", [
    "int64_t",
    "int",
    "void *",
    "uint",
    "uint64_t",
  ]);
  const mknodatNumber = SYS_MKNODAT[process.arch]!; // the library is loaded on these processors only
  const first = new PathArgument();
  const second = new PathArgument();

  return {
    makeDirectoryAt: (directory, path, mode) =>
      library.outcome(mkdirat(directory, first.store(path), mode)),
    makeSymlinkAt: (directory, path, target) =>
      library.outcome(symlinkat(second.store(target), directory, first.store(path))),
    linkAt: (fromDirectory, from, toDirectory, to) =>
      library.outcome(linkat(fromDirectory, first.store(from), toDirectory, second.store(to), 0)),
    makeNodeAt: (directory, path, mode, rdevMajor, rdevMinor) =>
      library.outcome(
        mknodat(
          mknodatNumber,
          directory,
          first.store(path),
          mode,
          toDeviceNumber(rdevMajor, rdevMinor),
        ),
      ),
  };
}
