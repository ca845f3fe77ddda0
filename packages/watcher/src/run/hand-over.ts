/**
 * What root makes for the user that the process is about to become: its state directory, log and file with the process id.
 *
 * Root touches only what lies in directories that are root's alone, all the way up: in any other one somebody could put a link
 * to what is not ours just in time. What lies in a directory of the user's the user makes by itself afterwards.
 * @module
 */
import {
  chmodSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "@tsrsync/protocol";
import type { DaemonUser, WatchSettings } from "../config/settings.js";

/** A link, or a pipe that nobody reads, is left alone. */
const OPEN_FLAGS =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_APPEND |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK;
const [LOG_MODE, PID_MODE] = [0o640, 0o644];
const [WRITABLE_BY_OTHERS, STICKY] = [0o022, 0o1000];
/** One of these is in every state directory that a mirror has used, or has been begun with (`-d`). */
const OWN_NAMES: ReadonlySet<string> = new Set(["journal", "watch.log"]);

/** Makes what the mirror needs, or gives it to `user`. To be called as root. @throws UsageError, or the system's error */
export function handOver({ daemon, log }: WatchSettings, user: DaemonUser): void {
  giveStateDirectory(daemon.stateDir, user);
  if (log.file !== null) giveFile(log.file, LOG_MODE, user);
  if (daemon.pidFile !== null) giveFile(daemon.pidFile, PID_MODE, user);
}

function giveStateDirectory(path: string, user: DaemonUser): void {
  if (!makeDirectory(dirname(path))) return;
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there === undefined) mkdirSync(path, { mode: 0o700 });
  else if (there.uid !== 0) return; // the user's already, or a link that somebody laid there
  const place = realpathSync(path);
  if (!isRootsAlone(place)) return;
  const names = readdirSync(place);
  if (names.length > 0 && !names.some((name) => OWN_NAMES.has(name))) {
    const text = `${path} holds something else than the state of a mirror, so it is not given to ${user.text}`;
    throw new UsageError(`daemon.stateDir: ${text}`);
  }
  giveTree(place, user);
}

/** Others may pass through it, unlike the state directory itself. False when it is, or would be, within reach of somebody else. */
function makeDirectory(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return isRootsAlone(path);
  if (!makeDirectory(dirname(path))) return false;
  mkdirSync(path);
  chmodSync(path, 0o755);
  return true;
}

/** The directory comes last: until then nobody else can change what is in it. */
function giveTree(path: string, user: DaemonUser): void {
  const stats = lstatSync(path);
  if (!isRoots(stats)) return;
  if (stats.isDirectory()) for (const name of readdirSync(path)) giveTree(join(path, name), user);
  lchownSync(path, user.uid, user.gid);
}

function giveFile(path: string, mode: number, user: DaemonUser): void {
  const parent = statSync(dirname(path), { throwIfNoEntry: false });
  if (parent === undefined || !isRootsAlone(dirname(path))) return;
  const descriptor = openUnlessSpecial(path, mode);
  if (descriptor === null) return;
  try {
    if (isRoots(fstatSync(descriptor))) fchownSync(descriptor, user.uid, user.gid);
  } finally {
    closeSync(descriptor);
  }
}

function openUnlessSpecial(path: string, mode: number): number | null {
  try {
    return openSync(path, OPEN_FLAGS, mode);
  } catch (error) {
    if (["ELOOP", "ENXIO"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
}

/** Whether this is root's, under this name only. What is no file or directory (a terminal) is nobody's to give. */
function isRoots(stats: Stats): boolean {
  return stats.uid === 0 && (stats.isDirectory() || (stats.isFile() && stats.nlink === 1));
}

/** Whether nobody but root can change what is in a directory, or which directory that is. */
function isRootsAlone(path: string): boolean {
  for (let at = realpathSync(path); ; at = dirname(at)) {
    const { uid, mode } = statSync(at);
    if (uid !== 0) return false;
    if ((mode & WRITABLE_BY_OTHERS) !== 0 && (mode & STICKY) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
