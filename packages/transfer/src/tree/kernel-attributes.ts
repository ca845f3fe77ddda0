/**
 * Extended attributes of an item in an open directory (spec 5-daemon, 5.12.3). Each function returns what the call of the
 * same name returns, or a negated errno. After a chroot there is no /proc; then the item is opened, which works for
 * regular files and directories that may be read.
 * @module
 */
import { closeSync, constants } from "node:fs";
import { constants as system } from "node:os";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { LinuxCalls } from "../linux/index.js";

const { errno } = system;
const CAREFUL =
  constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** The outcome of the call by name; where that is not possible, of the one on the opened item. */
function orOpened(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  outcome: number,
  call: (descriptor: number) => number,
): number {
  if (outcome !== -errno.ENOENT || calls.statAt(directory, name) < 0) return outcome;
  const opened = calls.openAt(directory, name, CAREFUL, 0);
  if (opened < 0) return opened === -errno.ELOOP ? -errno.ENOTSUP : opened;
  const second = call(opened);
  closeSync(opened);
  return second;
}

/** The length of the list of names. */
export function listAttributesAt(calls: LinuxCalls, directory: number, name: ByteString): number {
  const outcome = calls.listAttributesAt(directory, name);
  return orOpened(calls, directory, name, outcome, calls.listAttributesOf);
}

/** The length of the value; ENODATA when there is none. */
export function getAttributeAt(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  attribute: ByteString,
): number {
  const outcome = calls.getAttributeAt(directory, name, attribute);
  return orOpened(calls, directory, name, outcome, (opened) =>
    calls.getAttributeOf(opened, attribute),
  );
}

/** 0. */
export function setAttributeAt(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  attribute: ByteString,
  value: Uint8Array,
): number {
  const outcome = calls.setAttributeAt(directory, name, attribute, value);
  return orOpened(calls, directory, name, outcome, (opened) =>
    calls.setAttributeOf(opened, attribute, value),
  );
}

/** 0; ENODATA when there is none. */
export function removeAttributeAt(
  calls: LinuxCalls,
  directory: number,
  name: ByteString,
  attribute: ByteString,
): number {
  const outcome = calls.removeAttributeAt(directory, name, attribute);
  return orOpened(calls, directory, name, outcome, (opened) =>
    calls.removeAttributeOf(opened, attribute),
  );
}
