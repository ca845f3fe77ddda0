/**
 * Settings as the mirror uses them: everything inherited, every duration in milliseconds, every size in bytes (spec 6, 2.3).
 * @module
 */
/** All of a configuration. */
export interface WatchSettings {
  daemon: DaemonSettings;
  log: LogSettings;
  web: WebSettings | null;
  notify: readonly NotifySettings[];
  roots: readonly RootSettings[];
  /** What a person should know about this configuration; told at start and by `check`. */
  warnings: readonly string[];
}

export interface DaemonSettings {
  stateDir: string;
  pidFile: string | null;
  /** Parallel pushes over all targets, at least 1. */
  workers: number;
  user: DaemonUser | null;
}

/** Whom the process becomes. */
export interface DaemonUser {
  /** As it is written. */
  text: string;
  /** `null` for a number without an account. */
  name: string | null;
  uid: number;
  gid: number;
  /** The group is not only that of the account. */
  hasGroup: boolean;
}

export type LogLevel = "error" | "warn" | "info" | "debug" | "trace";

export interface LogSettings {
  level: LogLevel;
  format: "text" | "json";
  /** `null`: standard error. */
  file: string | null;
  rotate: { size: number; keep: number };
}

export interface WebSettings {
  host: string;
  port: number;
  /** Lines `user:hash`, or `null` for none. */
  users: readonly string[] | null;
  tls: { cert: string; key: string } | null;
  metrics: boolean;
}

export type NotifyEvent =
  | "targetDown"
  | "targetUp"
  | "refused"
  | "full"
  | "guard"
  | "deleteHeld"
  | "overflow"
  | "watchLimit"
  | "failLog"
  | "verifyDifference"
  | "fullSyncFailed"
  | "summary";

/** One receiver of alarms: an address that takes JSON, or a program. */
export type NotifySettings = {
  events: readonly NotifyEvent[];
  /** Milliseconds between two messages of one event. */
  minInterval: number;
} & (
  | { url: string; preset: NotifyPreset | null }
  | { exec: readonly string[] }
  | { mail: MailSettings }
);

export type NotifyPreset = "slack" | "dingtalk" | "wecom" | "feishu" | "telegram";

export interface MailSettings {
  server: string;
  from: string;
  to: readonly string[];
}

/** One watched directory, with everything that it inherits. */
export interface RootSettings {
  /** Unique; names it in logs, metrics and commands. */
  name: string;
  path: string;
  live: LiveSettings;
  batch: BatchSettings;
  filter: FilterSettings;
  guard: { requireMount: boolean; marker: string | null };
  snapshot: "all" | "dirs" | "off";
  targets: readonly TargetSettings[];
  hooks: readonly HookSettings[];
}

/** When a file that is held open for writing is sent. */
export type OpenFilePolicy =
  | { kind: "never" }
  | { kind: "every"; interval: number }
  | { kind: "append"; interval: number };

export interface LiveSettings {
  enabled: boolean;
  backend: "inotify" | "poll";
  pollInterval: number;
  events: {
    delete: boolean;
    createFolder: boolean;
    closeWrite: boolean;
    moveFrom: boolean;
    moveTo: boolean;
    attrib: boolean;
    modify: boolean | "onlyWithoutClose";
  };
  /** The first pattern that fits decides; the last one fits everything. */
  whileOpen: readonly { pattern: string; policy: OpenFilePolicy }[];
  followSymlinkDirs: boolean;
  oneFileSystem: boolean;
}

export interface BatchSettings {
  quiet: number;
  maxGap: number;
  maxWait: number;
  maxPaths: number;
  maxBytes: number;
  atomic: boolean;
}

export interface FilterSettings {
  /** rsync filter rules, the first that fits decides. */
  rules: readonly string[];
  /** Expressions that must fit the whole path; see spec 6, 1.2 for the spellings that are offered to them. */
  excludeRegex: readonly string[];
  tempFiles: "none" | "sersync" | "editors" | "all";
  /** rsync patterns of what is never deleted in a target. */
  protect: readonly string[];
}

/** A place that a root is pushed to, with everything that it inherits. */
export interface TargetSettings {
  /** Unique within its root. */
  name: string;
  /** `rsync://[user@]host[:port]/module[/directory]` or `ssh://[user@]host[:port]/path`. */
  url: string;
  auth: AuthSettings;
  /** Those of the root, unless the target has its own. */
  batch: BatchSettings;
  filter: FilterSettings;
  rsync: RsyncSettings;
  delete: DeleteSettings;
  fullSync: FullSyncSettings;
  retry: { first: number; min: number; max: number; factor: number; jitter: number };
  failLog: { path: string; retryEvery: number };
  timeout: number;
  connect: { timeout: number; keepAlive: number; nodelay: boolean };
  /** Bytes per second, 0 for none; `at` narrows it for times of day (`08:00-20:00`). */
  bandwidth: { limit: number; at: readonly { window: string; limit: number }[] };
  /** Times of day for pushes and full syncs; `null` for always. */
  window: { push: string | null; fullSync: string | null };
  history: { dir: string | null; keep: number };
  verify: { samplePerHour: number; full: Schedule | null };
  /** A target that holds other files already is made equal without asking. */
  adopt: boolean;
}

/** When something is done again and again: one of them is set. */
export interface Schedule {
  /** Milliseconds. */
  every: number | null;
  cron: string | null;
}

/** Where a password comes from; asked for at each login, so that it may change. */
export type PasswordSource =
  | { kind: "text"; text: string }
  | { kind: "file"; path: string }
  | { kind: "env"; name: string }
  | { kind: "command"; argv: readonly string[] };

export interface AuthSettings {
  password: PasswordSource | null;
  /** Key file for ssh. */
  identity: string | null;
}

export interface RsyncSettings {
  /** Words of rsync's command line: what is mirrored, and how. */
  options: readonly string[];
  hardLinks: boolean;
  acls: boolean;
  xattrs: boolean;
  compress: boolean | "auto";
  chmod: string | null;
  chown: string | null;
  owner: "auto" | "names" | "numeric";
  partialDir: string | null;
  /** Patterns of files that are changed in place, and of files that only grow. */
  inplace: readonly string[];
  append: readonly string[];
}

export interface DeleteSettings {
  /** As changes come, with full syncs only, or never. */
  mode: "live" | "fullSync" | "never";
  /** Deletions within a minute above which they are held back. */
  maxFiles: number;
  maxPercent: number;
  emptyRoot: "halt" | "delete";
}

export interface FullSyncSettings {
  onStart: "auto" | "always" | "never";
  /** Milliseconds, or `null`. */
  every: number | null;
  cron: string | null;
  /** rsync patterns that full syncs leave out. */
  exclude: readonly string[];
  compare: "metadata" | "checksum";
  parallel: number;
  timeout: number;
}

export type HookTime = "afterEvent" | "afterPush" | "all" | "beforeFullSync";

/** What all hooks have. */
export interface HookCommon {
  when: HookTime;
  /** Names of targets; empty for all. */
  targets: readonly string[];
  /** Expressions that must fit the whole absolute path; empty for all paths. */
  match: readonly string[];
  /** A root of its own, for hooks that run without a mirror (`-m`); `null` for that of the mirror. */
  root: string | null;
  batch: { max: number; wait: number };
  timeout: number;
  retries: number;
  ignoreError: boolean;
}

export type HookSettings = HookCommon &
  (
    | { kind: "command"; argv: readonly string[]; stdin: "none" | "nul" | "json" }
    | { kind: "socket"; address: string; format: "compat" | "json" }
    | { kind: "http"; url: string; format: "json" | "compat" }
    | CdnHook
  );

/** Tells a content network which addresses are stale. */
export interface CdnHook {
  kind: "cdn";
  /** `chinacache` speaks as sersync did; otherwise `request` is filled in. */
  template: "chinacache" | null;
  host: string;
  port: number;
  user: string;
  password: PasswordSource | null;
  /** Put before the path below the root. */
  base: string;
  /** The part of the path from which on it is appended, or `null` for the path below the root. */
  urlMatch: string | null;
  request: {
    method: string;
    url: string;
    headers: Readonly<Record<string, string>>;
    body: string | null;
  } | null;
}
