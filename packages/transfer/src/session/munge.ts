/**
 * Munged links: a daemon without chroot stores links so that they lead nowhere (spec 2-file-list, 2.14.2).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

const PREFIX = "/rsyncd-munged/";

/** The target as it is stored: always with one more prefix, also if it has one. */
export function munge(target: ByteString): ByteString {
  return PREFIX + target;
}

/** The target as it is sent: one prefix less, if there is one and something behind it. */
export function unmunge(target: ByteString): ByteString {
  const munged = target.length > PREFIX.length && target.startsWith(PREFIX);
  return munged ? target.slice(PREFIX.length) : target;
}
