/**
 * Whether anybody has a file open, or mapped, for writing: the kernel grants a read lease only when nobody has (spec 6, 3.1).
 * @module
 */
import { closeSync, constants, openSync } from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { bindRequired, loadLibrary } from "@tsrsync/transfer/linux";

const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;

/** Ignored unless asked for. The default, SIGIO, would end the process when a writer comes while the lease is held. */
const SIGURG = 23;

/** A writer that opens the file between two of these calls waits for microseconds; nothing else is disturbed. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/** True: it is written to; false: it is not; `null`: this can not be told here. */
export type WriterTest = (path: ByteString) => boolean | null;

/** The test by leases, which needs the file's owner or CAP_LEASE, and a file system that grants them. */
export function loadWriterTest(): WriterTest {
  const library = loadLibrary();
  if (library === null) return () => null;
  const fcntl = bindRequired(library, "int", "fcntl", ["int", "int", "int64_t"]);
  const test = (descriptor: number): boolean | null => {
    fcntl(descriptor, F_SETSIG, SIGURG);
    const outcome = library.outcome(fcntl(descriptor, F_SETLEASE, F_RDLCK));
    if (outcome === 0) fcntl(descriptor, F_SETLEASE, F_UNLCK);
    else return outcome === -system.errno.EAGAIN ? true : null;
    return false;
  };
  return (path) => {
    let descriptor: number;
    try {
      descriptor = openSync(Buffer.from(path, "latin1"), OPEN_FLAGS);
    } catch {
      return null;
    }
    try {
      return test(descriptor);
    } finally {
      closeSync(descriptor);
    }
  };
}
