/**
 * The umask of the service: nothing that it makes is for others, whatever it was started with. Programs that it runs for its user
 * get the umask that it was given.
 * @module
 */
import { isMainThread } from "node:worker_threads";

const PRIVATE = 0o077;

let given: number | null = null;

/** From now on files are made for their owner alone. The function that is returned ends that. */
export function keepFilesPrivate(): () => void {
  // Worker threads can not set the umask: it is the process's.
  if (!isMainThread || given !== null) return () => {};
  given = process.umask(PRIVATE);
  return () => {
    if (given !== null) process.umask(given);
    given = null;
  };
}

/** Runs `start`, which starts a program, with the umask that this process was started with. */
export function withGivenUmask<T>(start: () => T): T {
  if (given === null) return start();
  process.umask(given);
  try {
    return start();
  } finally {
    process.umask(PRIVATE);
  }
}
