/**
 * Which options this version carries out, as client or server. Anything else is refused: an option that is silently ignored does harm.
 * @module
 */
import { UnsupportedError } from "@tsrsync/protocol";
import { findOption, OptionError } from "@tsrsync/protocol/arguments";
import { checkCompressChoice } from "./algorithms.js";

const SUPPORTED: ReadonlySet<string> = new Set([
  "help",
  "version",
  "verbose",
  "info",
  "stderr",
  "quiet",
  "motd",
  "stats",
  "human-readable",
  "8-bit-output",
  "outbuf",
  "progress",
  "itemize-changes",
  "out-format",
  "list-only",
  "checksum",
  "ignore-times",
  "size-only",
  "modify-window",
  "checksum-choice",
  "checksum-seed",
  "compress",
  "compress-choice",
  "compress-level",
  "compress-threads",
  "old-compress",
  "new-compress",
  "skip-compress",
  "debug",
  "update",
  "ignore-non-existing",
  "ignore-existing",
  "max-size",
  "min-size",
  "archive",
  "recursive",
  "inc-recursive",
  "dirs",
  "mkpath",
  "whole-file",
  "partial",
  "inplace",
  "append",
  "append-verify",
  "partial-dir",
  "delay-updates",
  "temp-dir",
  "insecure-links",
  "sparse",
  "preallocate",
  "fsync",
  "backup",
  "backup-dir",
  "suffix",
  "remove-source-files",
  "remove-sent-files",
  "P",
  "block-size",
  "dry-run",
  "links",
  "copy-links",
  "copy-unsafe-links",
  "copy-dirlinks",
  "safe-links",
  "keep-dirlinks",
  "one-file-system",
  "perms",
  "chmod",
  "executability",
  "acls",
  "xattrs",
  "super",
  "fake-super",
  "times",
  "atimes",
  "open-noatime",
  "omit-dir-times",
  "omit-link-times",
  "owner",
  "group",
  "devices",
  "specials",
  "drop-D",
  "copy-devices",
  "write-devices",
  "D",
  "numeric-ids",
  "iconv",
  "usermap",
  "groupmap",
  "chown",
  "delete",
  "delete-before",
  "delete-during",
  "delete-delay",
  "delete-after",
  "ignore-errors",
  "force",
  "max-delete",
  "timeout",
  "confine-root",
  "contimeout",
  "address",
  "sockopts",
  "port",
  "ipv4",
  "ipv6",
  "password-file",
  "protocol",
  "log-file",
  "log-file-format",
  "max-alloc",
  "qsort",
  "old-args",
  "secluded-args",
  "munge-links",
  "server",
  "sender",
  "rsh",
  "rsync-path",
  "remote-option",
  "filter",
  "F",
  "exclude",
  "include",
  "exclude-from",
  "include-from",
  "from0",
  "cvs-exclude",
  "delete-excluded",
  "prune-empty-dirs",
  "relative",
  "implied-dirs",
  "old-dirs",
  "files-from",
  "insecure-links",
  "ignore-missing-args",
  "delete-missing-args",
  "trust-sender",
  "compare-dest",
  "copy-dest",
  "link-dest",
  "fuzzy",
  "hard-links",
  "blocking-io",
  "write-batch",
  "only-write-batch",
  "read-batch",
  "bwlimit",
  "early-input",
  "stop-after",
  "stop-at",
]);

/** No call of the systems that we run on sets a creation time. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(["crtimes"]);

/** Negations turn something off: they are fine whatever they negate. */
function isSupported(name: string): boolean {
  return SUPPORTED.has(name) || name.startsWith("no-");
}

/**
 * @param compressChoice the value of `--compress-choice`.
 * @throws UnsupportedError (exit 4) for the first option given that is not carried out, or a compression that we lack;
 * OptionError (exit 1), in the words of rsync, for one that can not be on this system.
 */
export function refuseUnsupported(given: readonly string[], compressChoice: string | null): void {
  checkCompressChoice(compressChoice);
  for (const name of given) {
    if (isSupported(name)) continue;
    const spec = findOption(name);
    if (IMPOSSIBLE.has(name)) {
      throw new OptionError(`This rsync does not support --${name} (-${spec?.short})`);
    }
    const long = spec?.name == null ? `-${name}` : `--${spec.name}`;
    const short = spec?.name != null && spec.short !== null ? ` (-${spec.short})` : "";
    throw new UnsupportedError(`This tsrsync does not support ${long}${short} yet`);
  }
}
