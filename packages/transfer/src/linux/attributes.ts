/**
 * fchownat(2) and fchmodat2(2): owner and permission bits of an item itself.
 * @module
 */
import { constants } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { AT_SYMLINK_NOFOLLOW } from "./constants.js";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";

/** The same number on every processor. The older call knows no flags, and so follows links. */
const SYS_FCHMODAT2 = 452;

/** Calls that return 0 or a negated errno. */
export interface AttributeCalls {
  /** Owner and group of an item itself; -1 leaves one as it is. */
  setOwnerAt(directory: number, path: ByteString, uid: number, gid: number): number;
  /** Whether {@link AttributeCalls.setModeAt} works: Linux 6.6, and no filter that forbids it. */
  readonly hasSetModeAt: boolean;
  /** Permission bits of an item; a link is refused with EOPNOTSUPP. */
  setModeAt(directory: number, path: ByteString, mode: number): number;
}

/** Binds the calls of this file. */
export function bindAttributes(library: Library): AttributeCalls {
  const fchownat = bindRequired(library, "int", "fchownat", [
    "int",
    "void *",
    "uint",
    "uint",
    "int",
  ]);
  const syscall = bindRequired(library, "long", "syscall", [
    "int64_t",
    "int",
    "void *",
    "uint",
    "int",
  ]);
  const argument = new PathArgument();
  const setModeAt: AttributeCalls["setModeAt"] = (directory, path, mode) =>
    library.outcome(
      syscall(SYS_FCHMODAT2, directory, argument.store(path), mode, AT_SYMLINK_NOFOLLOW),
    );

  return {
    setOwnerAt: (directory, path, uid, gid) =>
      library.outcome(
        // Unsigned for C, where (uid_t)-1 means "as it is".
        fchownat(directory, argument.store(path), uid >>> 0, gid >>> 0, AT_SYMLINK_NOFOLLOW),
      ),
    // An empty path names nothing, so a kernel that knows the call says ENOENT; a filter says EPERM or ENOSYS.
    hasSetModeAt: setModeAt(-1, "", 0) === -constants.errno.ENOENT,
    setModeAt,
  };
}
