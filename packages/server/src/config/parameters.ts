/**
 * Every parameter of rsyncd.conf: the names, scopes, types and defaults of docs/protocol/rsyncd-params.json (a test
 * keeps the two equal).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** How the text of a value is read (spec 5-daemon, 5.3.3). */
export type ParameterType = "string" | "path" | "integer" | "enum" | "bool" | "bool3";

/** A value as it is kept: strings and paths as bytes, `null` for an unset bool3. */
export type ParameterValue = ByteString | number | boolean | null;

/** One parameter. The default of a string or path is `null` when it has none; its value is then empty. */
export interface ParameterSpec {
  readonly name: string;
  readonly scope: "global" | "module";
  readonly type: ParameterType;
  readonly default: ParameterValue;
}

const DONT_COMPRESS =
  "*.3g2 *.3gp *.7z *.aac *.ace *.apk *.avi *.bz2 *.deb *.dmg *.ear *.f4v *.flac *.flv " +
  "*.gpg *.gz *.iso *.jar *.jpeg *.jpg *.lrz *.lz *.lz4 *.lzma *.lzo *.m1a *.m1v *.m2a " +
  "*.m2ts *.m2v *.m4a *.m4b *.m4p *.m4r *.m4v *.mka *.mkv *.mov *.mp1 *.mp2 *.mp3 *.mp4 " +
  "*.mpa *.mpeg *.mpg *.mpv *.mts *.odb *.odf *.odg *.odi *.odm *.odp *.ods *.odt *.oga " +
  "*.ogg *.ogm *.ogv *.ogx *.opus *.otg *.oth *.otp *.ots *.ott *.oxt *.png *.qt *.rar " +
  "*.rpm *.rz *.rzip *.spx *.squashfs *.sxc *.sxd *.sxg *.sxm *.sxw *.sz *.tbz *.tbz2 " +
  "*.tgz *.tlz *.ts *.txz *.tzo *.vob *.war *.webm *.webp *.xz *.z *.zip *.zst";

/** All parameters, in the order of docs/protocol/rsyncd-params.json. `name` is missing: it exists by accident. */
// biome-ignore format: one parameter per line
export const PARAMETERS: readonly ParameterSpec[] = [
  { name: "address", scope: "global", type: "string", default: null },
  { name: "daemon chroot", scope: "global", type: "string", default: null },
  { name: "daemon gid", scope: "global", type: "string", default: null },
  { name: "daemon uid", scope: "global", type: "string", default: null },
  { name: "motd file", scope: "global", type: "string", default: null },
  { name: "pid file", scope: "global", type: "string", default: null },
  { name: "proxy protocol hosts", scope: "global", type: "string", default: null },
  { name: "socket options", scope: "global", type: "string", default: null },
  { name: "listen backlog", scope: "global", type: "integer", default: 5 },
  { name: "port", scope: "global", type: "integer", default: 0 },
  { name: "proxy protocol", scope: "global", type: "bool", default: false },
  { name: "auth digest", scope: "module", type: "string", default: null },
  { name: "auth users", scope: "module", type: "string", default: null },
  { name: "charset", scope: "module", type: "string", default: null },
  { name: "comment", scope: "module", type: "string", default: null },
  { name: "dont compress", scope: "module", type: "string", default: DONT_COMPRESS },
  { name: "early exec", scope: "module", type: "string", default: null },
  { name: "exclude", scope: "module", type: "string", default: null },
  { name: "exclude from", scope: "module", type: "string", default: null },
  { name: "filter", scope: "module", type: "string", default: null },
  { name: "gid", scope: "module", type: "string", default: null },
  { name: "hosts allow", scope: "module", type: "string", default: null },
  { name: "hosts deny", scope: "module", type: "string", default: null },
  { name: "include", scope: "module", type: "string", default: null },
  { name: "include from", scope: "module", type: "string", default: null },
  { name: "incoming chmod", scope: "module", type: "string", default: null },
  { name: "lock file", scope: "module", type: "string", default: "/var/run/rsyncd.lock" },
  { name: "log file", scope: "module", type: "string", default: null },
  { name: "log format", scope: "module", type: "string", default: "%o %h [%a] %m (%u) %f %l" },
  { name: "name converter", scope: "module", type: "string", default: null },
  { name: "outgoing chmod", scope: "module", type: "string", default: null },
  { name: "post-xfer exec", scope: "module", type: "string", default: null },
  { name: "pre-xfer exec", scope: "module", type: "string", default: null },
  { name: "refuse options", scope: "module", type: "string", default: null },
  { name: "secrets file", scope: "module", type: "string", default: null },
  { name: "syslog tag", scope: "module", type: "string", default: "rsyncd" },
  { name: "uid", scope: "module", type: "string", default: null },
  { name: "path", scope: "module", type: "path", default: null },
  { name: "temp dir", scope: "module", type: "path", default: null },
  { name: "max connections", scope: "module", type: "integer", default: 0 },
  { name: "max verbosity", scope: "module", type: "integer", default: 1 },
  { name: "timeout", scope: "module", type: "integer", default: 0 },
  { name: "syslog facility", scope: "module", type: "enum", default: "daemon" },
  { name: "fake super", scope: "module", type: "bool", default: false },
  { name: "forward lookup", scope: "module", type: "bool", default: true },
  { name: "ignore errors", scope: "module", type: "bool", default: false },
  { name: "ignore nonreadable", scope: "module", type: "bool", default: false },
  { name: "insecure links", scope: "module", type: "bool", default: false },
  { name: "list", scope: "module", type: "bool", default: true },
  { name: "read only", scope: "module", type: "bool", default: true },
  { name: "reverse lookup", scope: "module", type: "bool", default: true },
  { name: "strict modes", scope: "module", type: "bool", default: true },
  { name: "transfer logging", scope: "module", type: "bool", default: false },
  { name: "write only", scope: "module", type: "bool", default: false },
  { name: "munge symlinks", scope: "module", type: "bool3", default: null },
  { name: "numeric ids", scope: "module", type: "bool3", default: null },
  { name: "open noatime", scope: "module", type: "bool3", default: null },
  { name: "use chroot", scope: "module", type: "bool3", default: null },
];

/** Names that `syslog facility` may have. */
export const SYSLOG_FACILITIES: readonly string[] = [
  "auth authpriv cron daemon ftp kern lpr mail news security syslog user uucp",
  "local0 local1 local2 local3 local4 local5 local6 local7",
].flatMap((names) => names.split(" "));

/** Names compare without white space and case (spec 5-daemon, 5.3.2): `HOSTS ALLOW` is `hostsallow`. */
export function matchKey(name: ByteString): string {
  return name.replace(/[ \t\r\n\v\f]+/g, "").replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The field of a parameter in `GlobalParameters` or `ModuleParameters`: `post-xfer exec` is `postXferExec`. */
export function fieldName(name: string): string {
  return name.replace(/[ -](\w)/g, (_, letter: string) => letter.toUpperCase());
}

const BY_KEY: ReadonlyMap<string, ParameterSpec> = new Map(
  PARAMETERS.map((spec) => [matchKey(spec.name), spec]),
);

/** The parameter that `name` stands for, if there is one. */
export function findParameter(name: ByteString): ParameterSpec | undefined {
  return BY_KEY.get(matchKey(name));
}
