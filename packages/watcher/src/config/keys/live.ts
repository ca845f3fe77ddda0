/**
 * Keys of how changes are found.
 * @module
 */
import type { ConfigNode, MapNode } from "../node.js";
import type { LiveSettings, OpenFilePolicy } from "../settings.js";
import { BOOLEAN, choice, POSITIVE_DURATION } from "../shape/scalars.js";
import { key, part, type Section, section } from "../shape/section.js";
import { type Reader, type Shape, wrongType } from "../shape/shape.js";
import { formatTime, TIME_PATTERN } from "../units.js";

export type LiveKeys = LiveSettings;

type WhileOpen = LiveSettings["whileOpen"];

/** How often a file that is open and only grows is looked at, unless it says so itself. */
const APPEND_INTERVAL = 5000;

const MODIFY: Shape<boolean | "onlyWithoutClose"> = {
  label: "`true`, `false`, `onlyWithoutClose`",
  schema: { enum: [true, false, "onlyWithoutClose"] },
  read(node, reader) {
    if (node.kind === "scalar" && node.text === "onlyWithoutClose") return "onlyWithoutClose";
    return node.kind === "scalar" && (typeof node.value === "boolean" || node.untyped)
      ? BOOLEAN.read(node, reader)
      : wrongType(node, "true, false or onlyWithoutClose", reader);
  },
  show: String,
};

const POLICY_SCHEMA = {
  anyOf: [
    { enum: ["never", "append"] },
    {
      type: "object",
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: {
        every: { type: "string", pattern: TIME_PATTERN },
        append: { type: "string", pattern: TIME_PATTERN },
      },
    },
  ],
};

/** One policy for all files, or a map from patterns to policies. */
export const WHILE_OPEN: Shape<WhileOpen> = {
  label: "`never`, `{every: 5s}`, `append`, `{append: 5s}`, or a map from patterns to these",
  schema: {
    anyOf: [...POLICY_SCHEMA.anyOf, { type: "object", additionalProperties: POLICY_SCHEMA }],
  },
  read(node, reader) {
    if (node.kind !== "map" || isPolicyMap(node)) {
      const policy = readPolicy(node, reader);
      return policy && [{ pattern: "*", policy }];
    }
    const pairs = [...node.entries].map(([pattern, { node: value }]) => ({
      pattern,
      policy: readPolicy(value, reader),
    }));
    if (pairs.some(({ policy }) => policy === undefined)) return undefined;
    const known = pairs as WhileOpen[number][];
    const last: WhileOpen[number] = { pattern: "*", policy: { kind: "never" } };
    return known.at(-1)?.pattern === "*" ? known : [...known, last];
  },
  show: (pairs) => pairs.map(({ policy }) => showPolicy(policy)).join(", "),
};

function isPolicyMap({ entries }: MapNode): boolean {
  return entries.size === 1 && (entries.has("every") || entries.has("append"));
}

function readPolicy(node: ConfigNode, reader: Reader): OpenFilePolicy | undefined {
  if (node.kind === "scalar") {
    if (node.text === "never") return { kind: "never" };
    if (node.text === "append") return { kind: "append", interval: APPEND_INTERVAL };
    const match = /^(every|append):? +(\S+)$/.exec(node.text);
    if (match !== null)
      return timedPolicy(match[1]!, { ...node, value: match[2]!, text: match[2]! }, reader);
  }
  if (node.kind === "map" && isPolicyMap(node)) {
    const [only] = node.entries;
    return timedPolicy(only![0], only![1].node, reader);
  }
  return wrongType(node, "never, append, {every: 5s} or {append: 5s}", reader);
}

function timedPolicy(kind: string, node: ConfigNode, reader: Reader): OpenFilePolicy | undefined {
  const interval = POSITIVE_DURATION.read(node, reader);
  return interval === undefined
    ? undefined
    : { kind: kind === "every" ? "every" : "append", interval };
}

function showPolicy(policy: OpenFilePolicy): string {
  return policy.kind === "never" ? "never" : `{${policy.kind}: ${formatTime(policy.interval)}}`;
}

const EVENTS: Section<LiveSettings["events"]> = section("events that count", {
  delete: key(BOOLEAN, true, "Names that were deleted"),
  createFolder: key(
    BOOLEAN,
    true,
    "New directories. Off: neither they nor what is in them is mirrored",
  ),
  closeWrite: key(
    BOOLEAN,
    true,
    "Files that were written and closed. Off: contents come with full syncs only",
  ),
  moveFrom: key(BOOLEAN, true, "Names that were moved away"),
  moveTo: key(BOOLEAN, true, "Names that came by a move"),
  attrib: key(BOOLEAN, true, "Changes of mode, owner, times and attributes"),
  modify: key(
    MODIFY,
    "onlyWithoutClose",
    "Writes: each (true), none, or those after which no close comes (`truncate(2)`, files that stay open)",
  ),
});

const INOTIFY_OR_POLL = choice("inotify", "poll");

/** fanotify is known by name, so that the answer can be better than "expected inotify or poll". */
const BACKEND: Shape<"inotify" | "poll"> = {
  ...INOTIFY_OR_POLL,
  read(node, reader) {
    if (node.kind !== "scalar" || node.text !== "fanotify")
      return INOTIFY_OR_POLL.read(node, reader);
    reader.problems.add(
      node.place,
      '"backend: fanotify": this version does not have the fanotify backend',
    );
    return undefined;
  },
};

/** `live`. */
export const LIVE: Section<LiveKeys> = section("how changes are found", {
  enabled: key(BOOLEAN, true, "Off: full syncs only"),
  backend: key(
    BACKEND,
    "inotify",
    "Where changes come from: the kernel, or looking at everything in intervals (network file systems)",
  ),
  pollInterval: key(
    POSITIVE_DURATION,
    30_000,
    "How often to look, for `poll` and for directories above the kernel's watch limit",
  ),
  events: part(EVENTS, "Events that count"),
  whileOpen: key(
    WHILE_OPEN,
    [{ pattern: "*", policy: { kind: "never" } }],
    "What becomes of files that are held open for writing: sent when closed (`never`), also sent in intervals (`every`), or what was added is sent in intervals (`append`)",
  ),
  followSymlinkDirs: key(
    BOOLEAN,
    false,
    "Links to directories are mirrored as the directories (watch-operations.md says how)",
  ),
  oneFileSystem: key(BOOLEAN, true, "Do not go into what is mounted below the root"),
});
