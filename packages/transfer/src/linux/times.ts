/**
 * utimensat(2) and futimens(3): times to the nanosecond, which `fs.utimesSync` can not carry (it takes seconds as a
 * double, good for about 0.2 µs today).
 *
 *     struct timespec   i64 seconds, i64 nanoseconds; access time first, then modification time
 *
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileTime } from "../tree/file-tree.js";
import { AT_SYMLINK_NOFOLLOW, UTIME_OMIT } from "./constants.js";
import { bindRequired, type Library } from "./library.js";
import { PathArgument } from "./path-argument.js";

/** Calls that return 0 or a negated errno. An access time of `null` stays as it is. */
export interface TimeCalls {
  /** Sets the times of an item itself, links included. */
  setTimesAt(directory: number, path: ByteString, atime: FileTime | null, mtime: FileTime): number;
  setTimesOf(descriptor: number, atime: FileTime | null, mtime: FileTime): number;
}

/** Binds the calls of this file. */
export function bindTimes(library: Library): TimeCalls {
  const utimensat = bindRequired(library, "int", "utimensat", ["int", "void *", "void *", "int"]);
  const futimens = bindRequired(library, "int", "futimens", ["int", "void *"]);
  const argument = new PathArgument();
  const times = new Uint8Array(32);
  const view = new DataView(times.buffer);

  const store = (atime: FileTime | null, mtime: FileTime): Uint8Array => {
    if (atime === null) view.setUint32(8, UTIME_OMIT, true);
    else storeTime(view, 0, atime);
    storeTime(view, 16, mtime);
    return times;
  };
  return {
    setTimesAt: (directory, path, atime, mtime) =>
      library.outcome(
        utimensat(directory, argument.store(path), store(atime, mtime), AT_SYMLINK_NOFOLLOW),
      ),
    setTimesOf: (descriptor, atime, mtime) =>
      library.outcome(futimens(descriptor, store(atime, mtime))),
  };
}

function storeTime(view: DataView, offset: number, time: FileTime): void {
  view.setUint32(offset, (time.seconds % 2 ** 32) | 0, true);
  view.setInt32(offset + 4, Math.floor(time.seconds / 2 ** 32), true);
  view.setUint32(offset + 8, time.nanoseconds, true);
}
