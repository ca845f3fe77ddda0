/**
 * What becomes of each option of rsync that somebody gives to a mirror.
 * @module
 */

/** Options that stay options. */
export const KEPT: ReadonlySet<string> = namesOf(`
  links safe-links munge-links perms executability times
  omit-dir-times omit-link-times crtimes atimes open-noatime group owner devices specials D update
  numeric-ids usermap groupmap chown chmod super fake-super checksum size-only ignore-times
  whole-file sparse preallocate fuzzy block-size checksum-choice compress-choice compress-level
  skip-compress max-size min-size iconv protocol remote-option address ipv4 ipv6 fsync temp-dir
  sockopts rsync-path rsh max-alloc keep-dirlinks old-args secluded-args
`);

/** Options that a mirror decides by itself, or that only change what is printed. */
export const DROPPED: ReadonlySet<string> = namesOf(`
  recursive relative dirs implied-dirs inc-recursive mkpath prune-empty-dirs force verbose quiet
  progress stats human-readable itemize-changes P info motd delete delete-before delete-during
  delete-delay delete-after ignore-errors partial out-format one-file-system blocking-io outbuf
  8-bit-output debug stderr
`);

/** Options that are keys of the configuration. */
export const KEYS: ReadonlySet<string> = namesOf(`
  hard-links acls xattrs compress timeout contimeout bwlimit partial-dir archive
`);

/** Options that are filter rules. */
export const RULES: ReadonlySet<string> = namesOf(`
  exclude include filter
`);

/** What to use instead of options that a mirror refuses. */
export const INSTEAD: Readonly<Record<string, string>> = {
  exclude: "use filter.rules",
  include: "use filter.rules",
  filter: "use filter.rules",
  "exclude-from": "use filter.rules",
  "include-from": "use filter.rules",
  "cvs-exclude": "use filter.rules",
  "copy-dirlinks": "use live.followSymlinkDirs",
  "copy-links": "links to files stay links; for links to directories use live.followSymlinkDirs",
  "copy-unsafe-links":
    "links to files stay links; for links to directories use live.followSymlinkDirs",
  "files-from": "a mirror knows which files changed",
  "password-file": "use auth.password",
  "backup-dir": "use history.dir",
  backup: "use history.dir",
  "delete-excluded": "use filter.rules with hide rules (H)",
  "max-delete": "use delete.maxFiles",
  inplace: "use rsync.inplace, with patterns",
  append: "use rsync.append, with patterns",
  "append-verify": "use rsync.append, with patterns",
  "delay-updates": "use batch.atomic",
  port: "put the port into the address",
  "remove-source-files": "it would take the files away from the root",
  "dry-run": "it would mirror nothing",
};

function namesOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
