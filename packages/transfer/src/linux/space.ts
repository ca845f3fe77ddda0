/**
 * fallocate(2): the space that a file takes on the disk.
 * @module
 */
import { bindRequired, type Library } from "./library.js";

const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;

/** Calls on an open file that return 0 or a negated errno, EOPNOTSUPP where the file system has no such thing. */
export interface SpaceCalls {
  /** Reserves space for the first `length` bytes; a shorter file grows to that. */
  allocate(descriptor: number, length: number): number;
  /** Gives the space of some bytes back, which are zero from then on. The size of the file stays. */
  punchHole(descriptor: number, position: number, length: number): number;
}

/** Binds the calls of this file. */
export function bindSpace(library: Library): SpaceCalls {
  const fallocate = bindRequired(library, "int", "fallocate", ["int", "int", "int64_t", "int64_t"]);
  return {
    allocate: (descriptor, length) => library.outcome(fallocate(descriptor, 0, 0, length)),
    punchHole: (descriptor, position, length) =>
      library.outcome(
        fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, position, length),
      ),
  };
}
