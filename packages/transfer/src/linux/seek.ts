/**
 * lseek(2), which Node does not have: only the end of a block device tells how large it is.
 * @module
 */
import { bindRequired, type Library } from "./library.js";

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

/** Calls that return a position or a negated errno. */
export interface SeekCalls {
  /** Where the end of an open file or device is, in bytes; the current position stays. */
  endOf(descriptor: number): number;
}

/** Binds the calls of this file. */
export function bindSeek(library: Library): SeekCalls {
  const lseek = bindRequired(library, "long", "lseek", ["int", "int64_t", "int"]);
  return {
    endOf(descriptor) {
      const position = library.outcome(lseek(descriptor, 0, SEEK_CUR));
      if (position < 0) return position;
      const end = library.outcome(lseek(descriptor, 0, SEEK_END));
      lseek(descriptor, position, SEEK_SET);
      return end;
    },
  };
}
