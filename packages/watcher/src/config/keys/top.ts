/**
 * The keys of a whole configuration.
 * @module
 */

import type { ConfigNode } from "../node.js";
import type {
  DaemonSettings,
  HookSettings,
  LogSettings,
  MailSettings,
  NotifyEvent,
  NotifyPreset,
} from "../settings.js";
import { linesOrList, list, mapOf, nonEmptyList, nullable } from "../shape/composites.js";
import { DAEMON_USER } from "../shape/daemon-user.js";
import {
  ABSOLUTE_PATH,
  BOOLEAN,
  choice,
  DURATION,
  integer,
  SIZE,
  TEXT,
  textThat,
} from "../shape/scalars.js";
import { key, part, required, type Section, section } from "../shape/section.js";
import type { Shape } from "../shape/shape.js";
import { LISTEN, TARGET_URL, WEB_URL } from "../shape/special.js";
import type { TargetUrl } from "../target-url.js";
import {
  DEFAULTS,
  ROOT_SETTINGS,
  type RootKeys,
  TARGET_SETTINGS,
  type TargetKeys,
} from "./defaults.js";
import { HOOK } from "./hooks.js";
import { COMPRESS } from "./transfer.js";

type DaemonKeys = Omit<DaemonSettings, "stateDir"> & { stateDir: string | null };

const DAEMON: Section<DaemonKeys> = section("the process", {
  stateDir: key(
    nullable(ABSOLUTE_PATH),
    null,
    "Journal, snapshots, failure log, lock, control socket",
    "`/var/lib/tsrsync/watch`, below `~/.local/state` for other users than root",
  ),
  pidFile: key(nullable(ABSOLUTE_PATH), null, "Holds the process id while it runs"),
  workers: key(integer(1, 10_000), 10, "Pushes at the same time, over all targets"),
  user: key(
    nullable(DAEMON_USER),
    null,
    "User to become after the start as root, with `:GROUP` if it is not its own (watch-operations.md says what it costs)",
  ),
});

type LogKeys = LogSettings;

const LOG: Section<LogKeys> = section("the log", {
  level: key(choice("error", "warn", "info", "debug", "trace"), "info", "What is told"),
  format: key(choice("text", "json"), "text", "How"),
  file: key(nullable(ABSOLUTE_PATH), null, "Where to", "standard error"),
  rotate: part(
    section("new log files", {
      size: key(SIZE, 50 * 1024 ** 2, "A new one is begun at this size; 0 for never"),
      keep: key(integer(0, 1000), 10, "How many old ones are kept"),
    }),
    "When the log file is replaced by a new one",
  ),
});

interface WebKeys {
  listen: { host: string; port: number };
  auth: { users: readonly string[] | null };
  tls: { cert: string; key: string } | null;
  metrics: boolean;
}

const WEB: Section<WebKeys> = section(
  "figures by HTTP",
  {
    listen: required(LISTEN, "Address to listen on"),
    auth: part(
      section("who may ask", {
        users: key(
          nullable(linesOrList(TEXT, true)),
          null,
          "Lines `user:hash` (scrypt), in a file that others can not read; without them anybody may",
        ),
      }),
      "Who may ask",
    ),
    tls: key(
      nullable(
        section("certificate", {
          cert: required(ABSOLUTE_PATH, "File with the certificate"),
          key: required(ABSOLUTE_PATH, "File with its key"),
        }),
      ),
      null,
      "HTTPS",
    ),
    metrics: key(BOOLEAN, true, "`/metrics` for Prometheus"),
  },
  { later: { dashboard: "a dashboard", roles: "roles of web users", history: "a dashboard" } },
);

export interface NotifyKeys {
  url: string | null;
  preset: NotifyPreset | null;
  exec: readonly string[] | null;
  mail: MailSettings | null;
  events: readonly NotifyEvent[];
  minInterval: number;
}

const EVENTS: readonly NotifyEvent[] = [
  ...(["targetDown", "targetUp", "refused", "full", "guard", "deleteHeld"] as const),
  ...([
    "overflow",
    "watchLimit",
    "failLog",
    "verifyDifference",
    "fullSyncFailed",
    "summary",
  ] as const),
];

const NOTIFY: Section<NotifyKeys> = section(
  "alarms",
  {
    url: key(nullable(WEB_URL), null, "Address that gets JSON"),
    preset: key(
      nullable(choice<NotifyPreset>("slack", "dingtalk", "wecom", "feishu", "telegram")),
      null,
      "Whose form the JSON has",
    ),
    exec: key(
      nullable(nonEmptyList(TEXT)),
      null,
      "Program and arguments; `{event}` and `{text}` are filled in",
    ),
    mail: key(
      nullable(
        section<MailSettings>("mail", {
          server: required(TEXT, "SMTP server, `host[:port]` or `smtps://user:password@host`"),
          from: required(TEXT, "Sender"),
          to: required(nonEmptyList(TEXT), "Receivers"),
        }),
      ),
      null,
      "Mail by SMTP",
    ),
    events: key(
      nonEmptyList(choice<NotifyEvent>(...EVENTS)),
      EVENTS.filter((event) => event !== "summary"),
      "Which alarms",
      "all but `summary`",
    ),
    minInterval: key(DURATION, 600_000, "Least time between two messages of one event"),
  },
  { oneOf: ["url", "exec", "mail"], exclusive: [["url", "exec", "mail"]] },
);

const NAME: Shape<string> = textThat("name", (text) =>
  /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,63}$/u.test(text)
    ? null
    : `expected a name of letters, digits, "_", "-" and ".", at most 64, got ${JSON.stringify(text)}`,
);

/** What a target is told by, besides what it inherits. */
export interface TargetPlace {
  name: string | null;
  url: TargetUrl | null;
  port: number | null;
  group: string | null;
  module: string | null;
  compress: boolean | "auto" | null;
}

const OF_A_ROOT =
  "it is the same for all targets of a root, so it belongs to the root or to defaults";

/** An entry of `targets`, or a member of a group. */
export const TARGET: Section<TargetPlace & TargetKeys> = section(
  "a target",
  {
    name: key(nullable(NAME), null, "Names it in logs and commands", "the host"),
    url: key(nullable(TARGET_URL), null, "Where to"),
    port: key(nullable(integer(1, 65535)), null, "Port, where the address has none"),
    group: key(nullable(TEXT), null, "Stands for each member of this one of `targetGroups`"),
    module: key(nullable(TEXT), null, "`module` or `module/directory`, added to the addresses"),
    compress: key(nullable(COMPRESS), null, "Short for `rsync.compress`"),
    ...TARGET_SETTINGS.keys,
  },
  {
    exclusive: [["url", "group"]],
    oneOf: ["url", "group"],
    elsewhere: {
      live: OF_A_ROOT,
      guard: OF_A_ROOT,
      snapshot: OF_A_ROOT,
      hooks: "hooks belong to a root, and name their targets",
    },
  },
);

/** Addresses alone are enough. */
const TARGETS: Shape<readonly ConfigNode[]> = {
  label: "list of targets (sections or addresses), or `!file path` with an address on each line",
  schema: {
    anyOf: [
      {
        type: "array",
        minItems: 1,
        items: { anyOf: [{ type: "string" }, { $ref: "#/definitions/target" }] },
      },
      { type: "string" },
    ],
  },
  read: (node) => (node.kind === "list" ? node.items : [node]),
  show: () => "[]",
};

export interface RootPlace {
  name: string | null;
  path: string;
  targets: readonly ConfigNode[];
  hooks: readonly HookSettings[];
}

/** An entry of `roots`. */
export const ROOT: Section<RootPlace & RootKeys & TargetKeys> = section(
  "a root",
  {
    name: key(nullable(NAME), null, "Names it in logs and commands", "the last part of its path"),
    path: required(ABSOLUTE_PATH, "The directory to mirror"),
    targets: required(TARGETS, "Where to"),
    hooks: key(list(HOOK), [], "What runs when files have changed"),
    ...ROOT_SETTINGS.keys,
    ...TARGET_SETTINGS.keys,
  },
  {
    later: {
      fanout: "trees of relays (fanout)",
      bus: "the bus",
    },
  },
);

/** Left to be read with what they inherit. */
const LATER_READ: Shape<ConfigNode> = {
  label: "section",
  schema: {},
  read: (node) => node,
  show: () => "",
};

export interface TopKeys {
  version: number;
  daemon: DaemonKeys;
  log: LogKeys;
  web: WebKeys | null;
  notify: readonly NotifyKeys[];
  defaults: RootKeys & TargetKeys;
  targetGroups: readonly (readonly [string, readonly ConfigNode[]])[];
  roots: readonly ConfigNode[];
}

/** A list whose items are read later, with what they inherit; the schema and the reference show what they are. */
function unread(shape: Section<unknown>, definition: string): Shape<readonly ConfigNode[]> {
  const inner = list(LATER_READ);
  return {
    ...inner,
    label: `list of: ${shape.label}`,
    schema: { type: "array", items: { $ref: `#/definitions/${definition}` } },
  };
}

/** All of a configuration. `include` is dealt with before. */
export const TOP: Section<TopKeys> = section(
  "the configuration",
  {
    version: required(integer(1, 1), "Version of this format: 1"),
    daemon: part(DAEMON, "The process"),
    log: part(LOG, "The log"),
    web: key(nullable(WEB), null, "Figures by HTTP; off when absent"),
    notify: key(list(NOTIFY), [], "Alarms"),
    defaults: part(DEFAULTS, "What roots and targets inherit"),
    targetGroups: key(
      mapOf("name", unread(TARGET, "target")),
      [],
      "Lists of targets that several roots use",
    ),
    roots: required(unread(ROOT, "root"), "The directories to mirror"),
  },
  { elsewhere: { targets: "targets belong to a root", path: "a path belongs to one of roots" } },
);
