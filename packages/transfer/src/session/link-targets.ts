/**
 * What a daemon without chroot does to the targets of links: it stores them so that they lead nowhere (munged, spec
 * 2-file-list, 2.14.2), or at least not out of the module (sanitized, spec 5-daemon, 5.8.2).
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

/**
 * Whether a link at `path` (from the top of the transfer) with this target may lead out of the transfer, or seems to (spec
 * 4-command, 16).
 */
export function isUnsafeTarget(target: ByteString, path: ByteString): boolean {
  if (target === "" || target.startsWith("/")) return true;
  const afterClimb = target.replace(/^(?:\.\.\/+)+/, "");
  if (afterClimb.includes("/../") || (target.length > 3 && target.endsWith("/.."))) return true;
  let depth = path.split("/").filter(isName).length - 1;
  for (const part of target.split("/").filter(isName)) {
    depth += part === ".." ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

const isName = (part: string): boolean => part !== "" && part !== ".";

/**
 * A target that does not leave the transfer: no leading slash, and `..` climbs at most `depth` levels.
 *
 * Checked against rsync 3.5.0: `/etc/x` becomes `etc/x`, and in the top directory `../x` becomes `x`.
 * @param depth how many directories of the transfer the link lies in.
 */
export function sanitizeTarget(target: ByteString, depth: number): ByteString {
  const climbing: string[] = [];
  const kept: string[] = [];
  for (const part of target.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0) kept.pop();
    else if (climbing.length < depth) climbing.push(part);
  }
  return [...climbing, ...kept].join("/") || ".";
}
