/**
 * Keys of hooks.
 * @module
 */
import type { HookCommon, HookSettings, HookTime, PasswordSource } from "../settings.js";
import { list, mapOf, nonEmptyList, nullable } from "../shape/composites.js";
import {
  ABSOLUTE_PATH,
  BOOLEAN,
  choice,
  DURATION,
  integer,
  POSITIVE_DURATION,
  TEXT,
  textThat,
} from "../shape/scalars.js";
import {
  type Key,
  type Keys,
  key,
  part,
  required,
  type Section,
  section,
} from "../shape/section.js";
import { mapped, type Shape } from "../shape/shape.js";
import { PASSWORD, REGEX, WEB_URL } from "../shape/special.js";
import { type Variants, variants } from "../shape/variants.js";

/** The same for all kinds. */
const COMMON: Keys<HookCommon> = {
  when: key(
    choice<HookTime>("afterEvent", "afterPush", "all", "beforeFullSync"),
    "afterPush",
    "`afterEvent`: as soon as a change is seen; `afterPush`: for each target that has it; `all`: once all targets have it; `beforeFullSync`: before a full sync starts",
  ),
  targets: key(list(TEXT), [], "Names of targets; none for all"),
  match: key(
    list(REGEX),
    [],
    "Expressions that must fit the whole absolute path; none for all paths",
  ),
  root: key(
    nullable(ABSOLUTE_PATH),
    null,
    "Root for hooks that run without a mirror (`-m`)",
    "that of the mirror",
  ),
  batch: part(
    section("how many paths at once", {
      max: key(integer(1, 100_000), 1000, "Paths in one run"),
      wait: key(DURATION, 0, "How long to gather"),
    }),
    "How many paths at once",
  ),
  timeout: key(POSITIVE_DURATION, 30_000, "A run that takes longer is ended and counts as failed"),
  retries: key(integer(0, 100), 3, "New attempts after a failure"),
  ignoreError: key(BOOLEAN, false, "Failures are not reported, output is dropped"),
};

type Tagged<K extends string> = HookCommon & { kind: K };

function kindKey<K extends string>(kind: K): Key<K> {
  return required(choice(kind), "The kind of hook");
}

type CommandHook = Tagged<"command"> & { argv: readonly string[]; stdin: "none" | "nul" | "json" };

const COMMAND: Section<CommandHook> = section("hook of kind `command`", {
  kind: kindKey("command"),
  argv: required(
    nonEmptyList(TEXT),
    "Program and arguments, no shell. `{path}` (one run for each), `{relative}`, `{paths}` (all of them, an argument each), `{root}`, `{name}`, `{target}`, `{count}` are filled in",
  ),
  stdin: key(
    choice("none", "nul", "json"),
    "none",
    "What it gets to read: nothing, paths that end in NUL, one JSON document",
  ),
  ...COMMON,
});

type SocketHook = Tagged<"socket"> & { address: string; format: "compat" | "json" };

const HOST_AND_PORT: Shape<string> = textThat("`host:port`", (text) =>
  /^(\[[^\]]+\]|[^:\s]+):\d{1,5}$/.test(text)
    ? null
    : `expected host:port, got ${JSON.stringify(text)}`,
);

const SOCKET: Section<SocketHook> = section("hook of kind `socket`", {
  kind: kindKey("socket"),
  address: required(HOST_AND_PORT, "Where to connect to"),
  format: key(
    choice("compat", "json"),
    "json",
    "`compat`: a connection for each path, which gets the path as sersync sent it; `json`: lines",
  ),
  ...COMMON,
});

type HttpHook = Tagged<"http"> & { url: string; format: "json" | "compat" };

const HTTP: Section<HttpHook> = section("hook of kind `http`", {
  kind: kindKey("http"),
  url: required(WEB_URL, "Where to post to"),
  format: key(
    choice("json", "compat"),
    "json",
    "One JSON document, or a form for each path as sersync sent it",
  ),
  ...COMMON,
});

/** `match` is a list of expressions as for every hook, or the one that cuts the address. */
const CDN_MATCH: Shape<readonly string[] | string> = {
  label: `${REGEX.label} (see \`urlMatch\`), or ${list(REGEX).label}`,
  schema: { anyOf: [REGEX.schema, list(REGEX).schema] },
  read: (node, reader) => (node.kind === "list" ? list(REGEX) : REGEX).read(node, reader),
  show: (value) => JSON.stringify(value),
};

interface RequestKeys {
  method: string;
  url: string;
  headers: readonly (readonly [string, string])[];
  body: string | null;
}

const REQUEST: Section<RequestKeys> = section("a request that is filled in", {
  method: key(TEXT, "POST", "Method"),
  url: required(
    WEB_URL,
    "Address; `{url}` or `{path}` (one request for each), `{urls}`, `{user}`, `{password}`, `{base}`, `{count}` are filled in",
  ),
  headers: key(mapOf("header", TEXT), [], "Headers, filled in likewise"),
  body: key(nullable(TEXT), null, "Body, filled in likewise"),
});

interface CdnRaw extends Omit<HookCommon, "match"> {
  kind: "cdn";
  template: "chinacache" | null;
  host: string | null;
  port: number | null;
  user: string | null;
  password: PasswordSource | null;
  base: string;
  urlMatch: string | null;
  match: readonly string[] | string;
  request: RequestKeys | null;
}

const CDN_SECTION: Section<CdnRaw> = section(
  "hook of kind `cdn`",
  {
    kind: kindKey("cdn"),
    template: key(
      nullable(choice("chinacache")),
      null,
      "Speaks as sersync's refreshCDN did; needs `host`",
    ),
    host: key(nullable(TEXT), null, "Server of the template"),
    port: key(nullable(integer(1, 65535)), null, "Its port", "80"),
    user: key(nullable(TEXT), null, "Name for the login"),
    password: key(nullable(PASSWORD), null, "The password"),
    base: required(TEXT, "Put before the path below the root"),
    urlMatch: key(
      nullable(REGEX),
      null,
      "The address is `base`, the first group of this expression, and what comes after the match",
    ),
    ...COMMON,
    match: key(
      CDN_MATCH,
      [],
      "A text is `urlMatch`; a list holds expressions that must fit the whole absolute path",
    ),
    request: key(nullable(REQUEST), null, "The request, when there is no template"),
  },
  { oneOf: ["template", "request"], exclusive: [["template", "request"]] },
);

const CDN: Shape<HookSettings> = mapped(CDN_SECTION, (raw, node, reader) => {
  if (raw.template !== null && raw.host === null) {
    reader.problems.add(node.place, 'the key "host" is missing');
    return undefined;
  }
  return finishCdn(raw);
});

function finishCdn({ match, request, ...raw }: CdnRaw): HookSettings {
  return {
    ...raw,
    host: raw.host ?? "",
    port: raw.port ?? 80,
    user: raw.user ?? "",
    urlMatch: typeof match === "string" ? match : raw.urlMatch,
    match: typeof match === "string" ? [] : match,
    request: request && { ...request, headers: Object.fromEntries(request.headers) },
  };
}

/** One hook. */
export const HOOK: Variants<HookSettings> = variants<HookSettings>("a hook", "kind", {
  command: COMMAND,
  socket: SOCKET,
  http: HTTP,
  cdn: CDN,
});
