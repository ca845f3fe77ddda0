/**
 * Opening regular files by their name in an open directory (spec 5-daemon, 5.12.3). Each function returns a descriptor
 * or a negated errno; a link at the name is ELOOP, a directory EISDIR, any other thing that is no regular file EINVAL.
 * @module
 */
import { closeSync, constants, fchmodSync } from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { AT_FDCWD, type LinuxCalls } from "../linux/index.js";
import type { FileStat, ReadingOptions, TemporaryStyle } from "./file-tree.js";
import { isDeviceMode, isDirectoryMode, isRegularMode } from "./item-type.js";
import { errorNumber } from "./system-error.js";
import {
  MAX_TEMPORARY_TRIES,
  randomSuffix,
  temporaryMode,
  temporaryPrefix,
} from "./temporary-name.js";

const { errno } = system;
const OWNER_WRITE = 0o200;
const MODE_BITS = 0o7777;

/** Linux alone has it. */
const { O_NOATIME = 0 } = constants as Partial<typeof constants>;

/** A FIFO must not block us, a terminal not become ours. */
const CAREFUL = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Opens an existing file for reading. */
export function openForReadingAt(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  { leavesAccessTime = false, opensDevices = false }: ReadingOptions = {},
): number {
  const flags = constants.O_RDONLY | CAREFUL;
  let descriptor = -errno.EPERM;
  if (leavesAccessTime) descriptor = calls.openAt(directory, name, flags | O_NOATIME, 0);
  // Only the owner of a file may read it without a trace.
  if (descriptor === -errno.EPERM) descriptor = calls.openAt(directory, name, flags, 0);
  return onlyRegular(calls, descriptor, opensDevices);
}

/** Opens what an O_PATH descriptor refers to, for reading. */
export function openHeldForReading(
  calls: LinuxCalls,
  held: number,
  { leavesAccessTime = false, opensDevices = false }: ReadingOptions,
): number {
  const path = `/proc/self/fd/${held}`;
  const flags = (constants.O_RDONLY | CAREFUL) & ~constants.O_NOFOLLOW;
  let descriptor = -errno.EPERM;
  if (leavesAccessTime) descriptor = calls.openAt(AT_FDCWD, path, flags | O_NOATIME, 0);
  if (descriptor === -errno.EPERM) descriptor = calls.openAt(AT_FDCWD, path, flags, 0);
  return onlyRegular(calls, descriptor, opensDevices);
}

/** Opens an existing file for writing, or creates it with `mode` less the umask. */
export function openForUpdateAt(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  mode: number,
  devicesToo = false,
): number {
  const flags = constants.O_WRONLY | CAREFUL;
  // Two steps, since systems with fs.protected_regular refuse O_CREAT on other people's files in sticky directories.
  let descriptor = calls.openAt(directory, name, flags, 0);
  if (descriptor === -errno.ENOENT) {
    descriptor = calls.openAt(directory, name, flags | constants.O_CREAT, mode & MODE_BITS);
  } else if (descriptor === -errno.EACCES) {
    descriptor = openReadOnlyFileAt(calls, directory, name);
  }
  return onlyRegular(calls, descriptor, devicesToo);
}

/** Its owner may write to a file without write permission: the bit is lent for the moment of the open. */
function openReadOnlyFileAt(calls: LinuxCalls, directory: number, name: ByteString): number {
  const reader = openForReadingAt(calls, directory, name);
  if (reader < 0) return reader;
  try {
    calls.statDescriptor(reader);
    const present = calls.result();
    const mode = present.mode & MODE_BITS;
    if ((mode & OWNER_WRITE) !== 0) return -errno.EACCES;
    fchmodSync(reader, mode | OWNER_WRITE);
    const writer = calls.openAt(directory, name, constants.O_WRONLY | CAREFUL, 0);
    fchmodSync(reader, mode);
    return sameItem(calls, writer, present);
  } catch (error) {
    return -errorNumber(error);
  } finally {
    closeSync(reader);
  }
}

/** Passes `descriptor` on when it is of the item in `present`; the name may lead to another file by now. */
function sameItem(calls: LinuxCalls, descriptor: number, present: FileStat): number {
  if (descriptor < 0) return descriptor;
  calls.statDescriptor(descriptor);
  const { dev, ino } = calls.result();
  if (dev === present.dev && ino === present.ino) return descriptor;
  closeSync(descriptor);
  return -errno.EACCES;
}

/** Creates a temporary file beside `name` and tells what it is called. */
export function createTemporaryAt(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  mode: number,
  style: TemporaryStyle,
  onCreated: (temporary: ByteString) => void,
): number {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const prefix = temporaryPrefix(name, style);
  let descriptor = -errno.EEXIST;
  for (let tries = 0; tries < MAX_TEMPORARY_TRIES && descriptor === -errno.EEXIST; tries++) {
    const temporary = prefix + randomSuffix();
    descriptor = calls.openAt(directory, temporary, flags, temporaryMode(mode));
    if (descriptor >= 0) onCreated(temporary);
  }
  return descriptor;
}

function onlyRegular(calls: LinuxCalls, descriptor: number, devicesToo = false): number {
  if (descriptor < 0) return descriptor;
  const outcome = calls.statDescriptor(descriptor);
  const mode = outcome < 0 ? 0 : calls.mode();
  if (isRegularMode(mode) || (devicesToo && isDeviceMode(mode))) return descriptor;
  closeSync(descriptor);
  if (outcome < 0) return outcome;
  return isDirectoryMode(mode) ? -errno.EISDIR : -errno.EINVAL;
}
