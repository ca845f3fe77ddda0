/**
 * Setting permission bits without following a link (spec 5-daemon, 5.12.3).
 * @module
 */
import { chmodSync, closeSync, constants, fchmodSync } from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type LinuxCalls, O_PATH } from "../linux/index.js";
import { isLinkMode } from "./item-type.js";
import { errorNumber } from "./system-error.js";

const { errno } = system;
const MODE_BITS = 0o7777;

/** Sets the permission bits of `name` in `directory`; returns 0 or a negated errno, ELOOP for a link. */
export function setModeWithoutFollowing(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  mode: number,
): number {
  const bits = mode & MODE_BITS;
  if (!calls.hasSetModeAt) return setModeOfHeld(calls, directory, name, bits);
  const outcome = calls.setModeAt(directory, name, bits);
  return outcome === -errno.EOPNOTSUPP ? -errno.ELOOP : outcome;
}

/** For kernels before 6.6: the item is held by an O_PATH descriptor, which is known to be no link. */
function setModeOfHeld(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  bits: number,
): number {
  const held = calls.openAt(directory, name, O_PATH | constants.O_NOFOLLOW, 0);
  if (held < 0) return held;
  try {
    const outcome = calls.statDescriptor(held);
    if (outcome < 0) return outcome;
    if (isLinkMode(calls.mode())) return -errno.ELOOP;
    chmodSync(`/proc/self/fd/${held}`, bits);
    return 0;
  } catch (error) {
    // After a chroot there is no /proc; what can not be opened then keeps its mode.
    if (errorNumber(error) !== errno.ENOENT) return -errorNumber(error);
    return setModeOfOpened(calls, directory, name, bits);
  } finally {
    closeSync(held);
  }
}

function setModeOfOpened(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  bits: number,
): number {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const opened = calls.openAt(directory, name, flags, 0);
  if (opened < 0) return opened;
  try {
    fchmodSync(opened, bits);
    return 0;
  } catch (error) {
    return -errorNumber(error);
  } finally {
    closeSync(opened);
  }
}
