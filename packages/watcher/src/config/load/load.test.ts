import { expect, test } from "vitest";
import { ConfigError } from "../problem.js";
import type { WatchSettings } from "../settings.js";
import {
  chapterExample,
  EXAMPLE_ENVIRONMENT,
  EXAMPLE_FILES,
  presentExample,
} from "../testing/chapter-example.js";
import { type MemoryFile, memoryWorld } from "../testing/memory-world.js";
import { loadSettings } from "./load.js";

const load = (
  text: string,
  files: Record<string, MemoryFile> = {},
  environment: Record<string, string> = {},
): WatchSettings =>
  loadSettings({ text, name: "watch.yaml" }, { world: memoryWorld(files, environment) });

/** All that is said about a configuration that is wrong. */
function complaints(...arguments_: Parameters<typeof load>): string[] {
  try {
    load(...arguments_);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.exitCode).toBe(1);
    return error.message.split("\n");
  }
  throw new Error("the configuration was accepted");
}

const ROOT = "version: 1\nroots:\n  - path: /data/www\n    targets: [rsync://host/www]\n";
const withDefaults = (text: string) => `${ROOT}defaults: ${text}\n`;
const target = (settings: WatchSettings, root = 0, index = 0) =>
  settings.roots[root]!.targets[index]!;

test("the full example of the specification is accepted, and means what it says", () => {
  const files = { ...EXAMPLE_FILES, "/etc/tsrsync/watch.yaml": presentExample() };
  const world = memoryWorld(files, EXAMPLE_ENVIRONMENT);
  const settings = loadSettings({ file: "watch.yaml" }, { world });
  expect(settings).toMatchSnapshot();
});

test("what this version does not have is refused by name", () => {
  expect(
    complaints(chapterExample(), EXAMPLE_FILES, EXAMPLE_ENVIRONMENT).map((line) =>
      line.replace(/^\S+ /, ""),
    ),
  ).toEqual([
    "rsyncs://: this version does not have TLS to a daemon of ours",
    '"fanout": this version does not have trees of relays (fanout)',
    "can not read /etc/tsrsync/media-hosts.txt: no such file or directory",
    'the key "targets" is missing',
    '"bus": this version does not have the bus',
  ]);
  expect(complaints(withDefaults("{live: {backend: fanotify}}"))).toEqual([
    'watch.yaml:5:28: "backend: fanotify": this version does not have the fanotify backend',
  ]);
});

test("a few lines are enough", () => {
  const settings = load(ROOT);
  expect(settings.roots[0]).toMatchObject({ name: "www", path: "/data/www" });
  expect(target(settings)).toMatchObject({ name: "host", url: "rsync://host/www" });
  expect(settings.daemon).toEqual({
    stateDir: "/var/lib/tsrsync/watch",
    pidFile: null,
    workers: 10,
    user: null,
  });
});

test.each([
  ["www-data", { name: "www-data", uid: 33, gid: 33, hasGroup: false }],
  ["33", { name: "www-data", uid: 33, gid: 33, hasGroup: false }],
  ["www-data:backup", { name: "www-data", uid: 33, gid: 34, hasGroup: true }],
  ["33:4711", { name: "www-data", uid: 33, gid: 4711, hasGroup: true }],
  ["4711:backup", { name: null, uid: 4711, gid: 34, hasGroup: true }],
])("the user %s is found", (text, user) => {
  const found = load(`daemon: { user: ${text} }\n${ROOT}`).daemon.user;
  expect(found).toEqual({ text, ...user });
});

test.each([
  ["nobody-here", 'there is no user "nobody-here"'],
  ["www-data:nobody-here", 'there is no group "nobody-here"'],
  ["4711", "the user 4711 has no account: expected its group as well, 4711:GROUP"],
  ["4294967295:0", 'there is no user "4294967295"'],
  ["a:b:c", 'expected a user, or user:group, got text "a:b:c"'],
  ["-1", 'there is no user "-1"'],
  ["[root]", "expected text"],
])("the user %s is none", (text, message) => {
  const [told] = complaints(`daemon:\n  user: ${text}\n${ROOT}`);
  expect(told).toMatch(/^watch\.yaml:\d:9: /);
  expect(told).toContain(message);
});

test("JSON is YAML", () => {
  const text = JSON.stringify({ version: 1, roots: [{ path: "/a", targets: ["rsync://h/m"] }] });
  expect(load(text).roots[0]!.path).toBe("/a");
});

test("all that is wrong is told at once, with place and nearest key", () => {
  const text = `version: 1
daemon: { workers: many, stateDirectory: /x }
log: { level: infos }
defaults:
  bacth: { quiet: 5s }
  batch: { maxGap: 50 }
  rsync: { hardLinks: yes, options: "-lptX --nonsense" }
  filter: { excludeRegex: ["(x"] }
roots:
  - name: www
    path: data
    targets: [{ url: "host::module" }, { name: x }]
    live: { events: { delete: 1 } }
`;
  expect(complaints(text)).toEqual([
    'watch.yaml:2:20: expected a whole number from 1 to 10000, got text "many"',
    'watch.yaml:2:26: unknown key "stateDirectory"; known keys are "stateDir", "pidFile", "workers", "user"',
    'watch.yaml:3:15: expected error, warn, info, debug or trace (did you mean info?), got text "infos"',
    'watch.yaml:5:3: unknown key "bacth"; did you mean "batch"?',
    "watch.yaml:6:20: expected a time with a unit, like 30s (did you mean 50s?), got number 50",
    'watch.yaml:7:23: expected true or false, got text "yes"',
    "watch.yaml:7:37: --nonsense: unknown option",
    expect.stringMatching(/^watch\.yaml:8:28: not a regular expression: /),
    'watch.yaml:11:11: expected an absolute path, got "data"',
    expect.stringMatching(
      /^watch\.yaml:12:22: expected rsync:.* \(did you mean rsync:\/\/host\/module\?\)$/,
    ),
    'watch.yaml:12:40: one of the keys "url", "group" is missing',
    "watch.yaml:13:31: expected true or false, got number 1",
  ]);
});

test("wrong types are told for every key of the example", () => {
  const lines = presentExample().split("\n");
  // Each value in turn becomes something that fits nowhere.
  for (const [index, line] of lines.entries()) {
    const broken = line.replace(/^( *(?:- )?[a-zA-Z]+:) +[^#\s][^#]*?(\s*#.*)?$/, "$1 [[[]]]");
    // Sections that go over several lines would be cut in two.
    const isWhole =
      line.split("{").length === line.split("}").length && !line.trimEnd().endsWith(",");
    if (broken === line || !isWhole || line.startsWith("          ")) continue;
    const text = [...lines.slice(0, index), broken, ...lines.slice(index + 1)].join("\n");
    const found = complaints(text, EXAMPLE_FILES, EXAMPLE_ENVIRONMENT);
    expect(
      found.some((each) => each.startsWith(`watch.yaml:${index + 1}:`)),
      `${broken}: ${found[0]}`,
    ).toBe(true);
  }
});

test.each([
  ["", "watch.yaml:1:1: the configuration is empty"],
  ["# nothing\n", "watch.yaml:1:1: the configuration is empty"],
  ["just text", "watch.yaml:1:1: expected a map of keys at the top"],
  ["- a\n- b", "watch.yaml:1:1: expected a map of keys at the top"],
  [
    "version: 1\nroots: {",
    "watch.yaml:2:9: Flow map in block collection must be sufficiently indented and end with a }",
  ],
  ["version: 1\nversion: 1\nroots: []", "watch.yaml:2:1: Map keys must be unique"],
  ["version: 2\nroots: []", "watch.yaml:1:10: expected a whole number from 1 to 1, got number 2"],
  ["version: 1\nroots: []", "there are no roots to mirror"],
  ["version: 1", 'watch.yaml:1:1: the key "roots" is missing'],
  ["version: 1\nroots: !bad []", "watch.yaml:2:8: Unresolved tag: !bad"],
  ["version: 1\nroots: *a", "watch.yaml:2:8: the alias *a stands for nothing"],
  ["__proto__: 1\nversion: 1\nroots: []", expect.stringContaining('unknown key "__proto__"')],
  ["? [a, b]\n: 1", expect.stringContaining("With stringKeys, all keys must be strings")],
])("%j is refused", (text, message) => expect(complaints(text)[0]).toEqual(message));

test("aliases are read, and bombs made of them are not", () => {
  const shared = `version: 1\ndefaults: {batch: &b {quiet: 1s}}\nroots: [{path: /a, batch: *b, targets: ["rsync://h/m"]}]`;
  expect(load(shared).roots[0]!.batch.quiet).toBe(1000);
  const levels = Array.from({ length: 12 }, (_, i) => {
    const items =
      i === 0
        ? "x"
        : Array(10)
            .fill(`*l${i - 1}`)
            .join(",");
    return `l${i}: &l${i} [${items}]`;
  });
  const started = performance.now();
  expect(complaints(["version: 1", ...levels].join("\n")).join("\n")).toContain(
    "too large or too deep",
  );
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(complaints("a: &a [*a]")).not.toEqual([]);
  expect(complaints(`version: 1\nroots: ${"[".repeat(2000)}${"]".repeat(2000)}`).join()).toContain(
    "nested too deeply",
  );
});

test("a huge file is refused before it is parsed", () => {
  const files = { "/etc/tsrsync/watch.yaml": Buffer.alloc(17 * 1024 ** 2, "a") };
  expect(() => loadSettings({ file: "watch.yaml" }, { world: memoryWorld(files) })).toThrow(
    "too large",
  );
});

test("bytes that are no UTF-8, and files that are not there, are told", () => {
  const files = { "/etc/tsrsync/watch.yaml": Buffer.from([0x61, 0xff, 0x62]) };
  expect(() => loadSettings({ file: "watch.yaml" }, { world: memoryWorld(files) })).toThrow(
    "watch.yaml:1:1: the file is not UTF-8",
  );
  expect(() => loadSettings({ file: "none.yaml" }, { world: memoryWorld() })).toThrow(
    "can not read /etc/tsrsync/none.yaml: no such file",
  );
});

test("defaults, root and target lay upon each other key by key", () => {
  const settings = load(`version: 1
defaults: { batch: { quiet: 1s, maxPaths: 5 }, fullSync: { every: 1h }, timeout: 10s, filter: { rules: ["- a"] } }
roots:
  - path: /a
    batch: { maxPaths: 6 }
    filter: { protect: [/keep] }
    fullSync: { cron: "0 3 * * *" }
    targets:
      - { name: one, url: "rsync://one/m" }
      - { name: two, url: "rsync://two/m", batch: { quiet: 2s }, fullSync: { every: 2h }, timeout: 20s, compress: false, filter: { rules: [] } }
  - path: /b
    targets: ["rsync://one/b"]
`);
  const [one, two] = settings.roots[0]!.targets;
  expect(one).toMatchObject({
    batch: { quiet: 1000, maxPaths: 6, maxGap: 50 },
    fullSync: { every: null, cron: "0 3 * * *" },
    timeout: 10_000,
    filter: { rules: ["- a"], protect: ["/keep"] },
    rsync: { compress: "auto" },
  });
  expect(two).toMatchObject({
    batch: { quiet: 2000, maxPaths: 6 },
    fullSync: { every: 7_200_000, cron: null },
    timeout: 20_000,
    filter: { rules: [], protect: ["/keep"] },
    rsync: { compress: false },
  });
  expect(settings.roots[1]!.batch).toMatchObject({ quiet: 1000, maxPaths: 5 });
  expect(target(settings, 1).fullSync).toMatchObject({ every: 3_600_000, cron: null });
});

test("what belongs to a root is refused in a target", () => {
  const text = `version: 1\nroots: [{path: /a, targets: [{url: "rsync://h/m", live: {enabled: false}}]}]`;
  expect(complaints(text)[0]).toContain(
    '"live" does not belong here: it is the same for all targets',
  );
});

test("keys that exclude each other are told", () => {
  expect(complaints(withDefaults("{fullSync: {every: 1h, cron: '0 3 * * *'}}"))).toEqual([
    'watch.yaml:5:34: "every" and "cron" exclude each other',
  ]);
  expect(complaints(withDefaults("{auth: {password: a, passwordEnv: B}}"))[0]).toContain(
    "exclude each other",
  );
});

test("groups stand for their members, with keys of the entry on top", () => {
  const settings = load(`version: 1
targetGroups:
  web:
    - { name: web1, url: "rsync://u@10.0.0.1/", timeout: 5s }
    - { name: web2, url: "rsync://u@10.0.0.2/base", port: 874 }
    - "ssh://u@10.0.0.3/srv"
roots:
  - { path: /a, targets: [{ group: web, module: www/sub, timeout: 9s }] }
  - { path: /b, targets: [{ group: web, module: bbs }] }
`);
  expect(settings.roots[0]!.targets.map(({ name, url, timeout }) => [name, url, timeout])).toEqual([
    ["web1", "rsync://u@10.0.0.1/www/sub", 9000],
    ["web2", "rsync://u@10.0.0.2:874/base/www/sub", 9000],
    ["10.0.0.3", "ssh://u@10.0.0.3/srv/www/sub", 9000],
  ]);
  expect(target(settings, 1).timeout).toBe(5000);
});

test.each([
  ["{ group: wbe, module: m }", 'there is no group "wbe"; did you mean "web"?'],
  ["{ group: web }", "the address names no module"],
  ["{ group: web, module: ../x }", '"..": a module has none'],
  ["{ group: web, module: m, url: rsync://h/m }", '"url" and "group" exclude each other'],
  ["{ group: web, module: m, name: n }", "the members of a group have their own names"],
  ["{ url: rsync://h/m, port: 0 }", "expected a whole number from 1 to 65535"],
  ["{ url: 'rsync://h:874/m', port: 873 }", "two ports: 874 in the address"],
  ["rsync://h:99999/m", 'expected a port from 1 to 65535, got "99999"'],
  ["rsync://u:p@h/m", "a password does not belong into an address"],
  ["rsync:///m", "got no host"],
  ["/srv/copy", "expected rsync://"],
  ["http://h/m", 'got the scheme "http"'],
  ["[]", "expected a target"],
  ["7", "expected text"],
])("the target %s is refused: %s", (entry, message) => {
  const text = `version: 1\ntargetGroups: {web: ["rsync://h/"]}\nroots: [{path: /a, targets: [${entry}]}]`;
  expect(complaints(text).join("\n")).toContain(message);
});

test("targets come from a file with an address on each line", () => {
  const text = "version: 1\nroots: [{path: /a, targets: !file hosts.txt}]";
  const hosts = "# all of them\nrsync://h1/m\r\n\n  rsync://h2:874/m  \nrsync://[::1]/m\n";
  const { targets } = load(text, { "/etc/tsrsync/hosts.txt": { content: hosts, mode: 0o644 } })
    .roots[0]!;
  expect(targets.map(({ name, url }) => `${name} ${url}`)).toEqual([
    "h1 rsync://h1/m",
    "h2 rsync://h2:874/m",
    "1- rsync://[::1]/m",
  ]);
  expect(complaints(text, { "/etc/tsrsync/hosts.txt": "#\n" })).toEqual([
    "watch.yaml:2:35: /etc/tsrsync/hosts.txt names no targets",
  ]);
  expect(complaints(text, { "/etc/tsrsync/hosts.txt": "rsync://h1/m\nnonsense" })[0]).toContain(
    "watch.yaml:2:35: expected rsync",
  );
});

test("names are unique, and made up where there are none", () => {
  const text = (a: string, b: string) =>
    `version: 1\nroots: [{path: /x/www, ${a} targets: ["rsync://h/a", "rsync://h/b"]}, {path: /y/www, ${b} targets: ["rsync://h/c"]}]`;
  const settings = load(text("", ""));
  expect(settings.roots.map(({ name }) => name)).toEqual(["www", "www-2"]);
  expect(settings.roots[0]!.targets.map(({ name }) => name)).toEqual(["h", "h-2"]);
  expect(complaints(text("name: n,", "name: n,"))).toEqual([
    'watch.yaml:2:75: another root is called "n", too',
  ]);
  expect(complaints(text("name: a/b,", ""))[0]).toContain("expected a name of letters");
  const twice = `version: 1\nroots: [{path: /a, targets: [{name: x, url: "rsync://h/a"}, {name: x, url: "rsync://h/b"}]}]`;
  expect(complaints(twice)[0]).toContain('another target of this root is called "x", too');
});

test.each([
  ["{password: plain}", { kind: "text", text: "plain" }],
  ["{password: '${PASS}'}", { kind: "env", name: "PASS" }],
  ["{password: 'a${PASS}b$${c}'}", { kind: "text", text: "asecretb${c}" }],
  ["{passwordEnv: PASS}", { kind: "env", name: "PASS" }],
  ["{passwordCommand: [pass, show, x]}", { kind: "command", argv: ["pass", "show", "x"] }],
  ["{password: !file pw}", { kind: "file", path: "/etc/tsrsync/pw" }],
])("auth %s is a source of passwords", (auth, expected) => {
  const settings = load(
    withDefaults(`{auth: ${auth}}`),
    { "/etc/tsrsync/pw": "x" },
    { PASS: "secret" },
  );
  expect(target(settings).auth.password).toEqual(expected);
});

test("secrets that others can read are refused", () => {
  const text = withDefaults("{auth: {password: !file pw}}");
  const files = { "/etc/tsrsync/pw": { content: "x", mode: 0o644 } };
  expect(complaints(text, files)).toEqual([
    "watch.yaml:5:35: others can read /etc/tsrsync/pw: chmod 600 /etc/tsrsync/pw",
  ]);
});

test.each([
  ["${NONE}", "the environment variable NONE is not set"],
  ["${", "expected ${NAME} or ${NAME:-default}"],
  ["${a b}", "expected ${NAME} or ${NAME:-default}"],
  ["${A", "expected ${NAME} or ${NAME:-default}"],
])("%s is no variable", (text, message) => {
  expect(complaints(withDefaults(`{auth: {user: '${text}'}}`))[0]).toContain(message);
});

test("the environment is filled in, with types where the value is plain", () => {
  const text =
    "version: 1\ndaemon: {workers: ${N}}\ndefaults: {timeout: ${T:-30s}}\nroots: [{path: '/srv/${HOST}', targets: ['rsync://h/m/${HOST}']}]";
  const settings = load(
    text
      .replaceAll("{workers: ${N}}", "\n  workers: ${N}")
      .replace("{timeout: ${T:-30s}}", "\n  timeout: ${T:-30s}"),
    {},
    { N: "3", HOST: "web9" },
  );
  expect(settings.daemon.workers).toBe(3);
  expect(target(settings)).toMatchObject({ url: "rsync://h/m/web9", timeout: 30_000 });
  expect(settings.roots[0]!.path).toBe("/srv/web9");
});

test("included files add to lists and maps", () => {
  const files = {
    "/etc/tsrsync/sites/a.yaml": "roots: [{path: /a, targets: [{group: web, module: a}]}]",
    "/etc/tsrsync/sites/b.yaml":
      "roots: [{path: /b, targets: [{group: web, module: b}]}]\ndaemon: {workers: 3}",
    "/etc/tsrsync/sites/.c.yaml": "nonsense: 1",
    "/etc/tsrsync/groups.yaml": "targetGroups: {web: ['rsync://h/']}",
  };
  const settings = load(
    "version: 1\ninclude: [sites/*.yaml, groups.yaml]\ndaemon: {stateDir: /state}",
    files,
  );
  expect(settings.roots.map(({ path }) => path)).toEqual(["/a", "/b"]);
  expect(settings.daemon).toMatchObject({ workers: 3, stateDir: "/state" });
});

test("what is wrong in an included file is told with its name", () => {
  const include = "version: 1\ninclude: more.yaml\nroots: []";
  const more = (content: string) => complaints(include, { "/etc/tsrsync/more.yaml": content })[0];
  expect(more("\n  rots: []")).toBe(
    '/etc/tsrsync/more.yaml:2:3: unknown key "rots"; did you mean "roots"?',
  );
  expect(more("include: more.yaml")).toContain("includes itself");
  expect(more("version: 2")).toBe(
    '/etc/tsrsync/more.yaml:1:1: "version" was set already, in watch.yaml:1',
  );
  expect(complaints(include)[0]).toBe(
    "watch.yaml:2:10: can not read /etc/tsrsync/more.yaml: no such file or directory",
  );
  expect(complaints("version: 1\ninclude: 7\nroots: []")[0]).toContain("expected text");
});

test("TSRSYNC_ variables set keys", () => {
  const settings = load(
    ROOT,
    {},
    {
      TSRSYNC_DAEMON_STATE_DIR: "/other",
      TSRSYNC_DAEMON_WORKERS: "4",
      TSRSYNC_DEFAULTS_LIVE_EVENTS_DELETE: "false",
      TSRSYNC_DEFAULTS_BATCH_MAX_GAP: "100ms",
      TSRSYNC_DEFAULTS_FULL_SYNC_EVERY: "null",
      TSRSYNC_ROOTS_0_PATH: "/elsewhere",
      TSRSYNC_ROOTS_1: "{path: /b, targets: ['rsync://h/b']}",
      TSRSYNC_LOG_FORMAT: "json",
      TSRSYNC_ROOT: "of a hook",
      TSRSYNC_VERSION: "0.1.0",
    },
  );
  expect(settings.daemon).toMatchObject({ stateDir: "/other", workers: 4 });
  expect(settings.log.format).toBe("json");
  expect(settings.roots.map(({ path }) => path)).toEqual(["/elsewhere", "/b"]);
  expect(settings.roots[0]!.live.events.delete).toBe(false);
  expect(settings.roots[0]!.batch.maxGap).toBe(100);
  expect(target(settings).fullSync.every).toBeNull();
});

test("variables that mean no key, or hold the wrong thing, are told", () => {
  expect(
    complaints(
      ROOT,
      {},
      {
        TSRSYNC_DAEMON_WROKERS: "4",
        TSRSYNC_LOG_LEVEL: "loud",
        TSRSYNC_ROOTS_0_TARGETS_0_PROT: "1",
      },
    ),
  ).toEqual([
    "environment TSRSYNC_DAEMON_WROKERS: no key is called WROKERS; did you mean WORKERS?",
    "environment TSRSYNC_ROOTS_0_TARGETS_0_PROT: no key is called PROT; did you mean PORT?",
    'environment TSRSYNC_LOG_LEVEL: expected error, warn, info, debug or trace, got "loud"',
  ]);
});

test("the environment alone is a configuration", () => {
  const world = memoryWorld(
    {},
    { TSRSYNC_ROOTS_0_PATH: "/data", TSRSYNC_ROOTS_0_TARGETS_0_URL: "rsync://h/m" },
  );
  expect(loadSettings("environment", { world }).roots[0]).toMatchObject({
    path: "/data",
    targets: [{ url: "rsync://h/m" }],
  });
});

test.each([
  ["{path: /var/lib, targets: ['rsync://h/m']}", "contains the state directory"],
  ["{path: /, targets: ['rsync://h/m']}", "contains the state directory"],
  ["{path: /a, targets: ['rsync://h/m', 'rsync://u@H:873/m/']}", "is pushed to twice"],
  ["{path: /a, targets: ['ssh://localhost/a/b']}", "lie in each other on this machine"],
  ["{path: /a/b, targets: ['ssh://here/a']}", "lie in each other on this machine"],
  ["{path: /a, targets: ['ssh://127.0.0.1/a']}", "lie in each other on this machine"],
  [
    "{path: /a, targets: ['rsync://h/m']}, {path: /b, targets: ['rsync://h/m']}",
    "is pushed to by the roots a and b",
  ],
  [
    "{path: /a, targets: ['rsync://h/m']}, {path: /b, targets: ['rsync://h/m/b']}",
    'add "/b" to filter.protect of a',
  ],
  [
    "{path: /a, targets: ['rsync://h/m'], hooks: [{kind: command, argv: [x], targets: [y]}]}",
    'names the target "y"',
  ],
  ["{path: /a, failLog: {path: /a/log}, targets: ['rsync://h/m']}", "contains the failure log"],
])("%s is refused: %s", (roots, message) => {
  expect(complaints(`version: 1\nroots: [${roots}]`).join("\n")).toContain(message);
});

test("targets in each other are accepted where nothing is deleted", () => {
  const text = (more: string) =>
    `version: 1\nroots: [{path: /a, targets: ['rsync://h/m'], ${more}}, {path: /b, targets: ['rsync://h/m/b']}]`;
  expect(load(text("filter: {protect: [/b/***]}")).roots).toHaveLength(2);
  expect(load(text("delete: {mode: never}")).roots).toHaveLength(2);
  expect(load(`version: 1\nroots: [{path: /a, targets: ['ssh://other/a']}]`).roots).toHaveLength(1);
});

test.each([
  ["never", [["*", { kind: "never" }]]],
  ["append", [["*", { kind: "append", interval: 5000 }]]],
  ["{every: 2s}", [["*", { kind: "every", interval: 2000 }]]],
  ["'every: 2s'", [["*", { kind: "every", interval: 2000 }]]],
  [
    "{'*.log': append, '*.db': {every: 1m}}",
    [
      ["*.log", { kind: "append", interval: 5000 }],
      ["*.db", { kind: "every", interval: 60_000 }],
      ["*", { kind: "never" }],
    ],
  ],
  [
    "{'*.log': {append: 1s}, '*': never}",
    [
      ["*.log", { kind: "append", interval: 1000 }],
      ["*", { kind: "never" }],
    ],
  ],
])("whileOpen: %s", (text, expected) => {
  const { whileOpen } = load(withDefaults(`{live: {whileOpen: ${text}}}`)).roots[0]!.live;
  expect(whileOpen.map(({ pattern, policy }) => [pattern, policy])).toEqual(expected);
});

test.each(["sometimes", "{every: 0s}", "{'*.log': often}", "{every: [1s]}", "[never]"])(
  "whileOpen: %s is refused",
  (text) => {
    expect(complaints(withDefaults(`{live: {whileOpen: ${text}}}`))[0]).toMatch(
      /expected (never|a time)/,
    );
  },
);

test.each([
  ["-artuz", { options: ["-lptgoDu"], compress: true, hardLinks: true }],
  ["-lptgoD -H -A -X", { options: ["-lptgoD"], hardLinks: true, acls: true, xattrs: true }],
  ["-a --no-H", { options: ["-lptgoD"], hardLinks: false }],
  ["-lpt --chmod=F644 --max-size 5m", { options: ["-lpt", "--chmod=F644", "--max-size", "5m"] }],
  ["-lpt --fuzzy -e 'ssh -p 22'", { options: ["-lpt", "--fuzzy", "-e", "ssh -p 22"] }],
  ["-rlptP --delete --partial-dir=.p", { options: ["-lpt"], partialDir: ".p" }],
])("rsync options %j", (options, expected) => {
  expect(target(load(withDefaults(JSON.stringify({ rsync: { options } })))).rsync).toMatchObject(
    expected,
  );
});

test.each([
  ["-a --exclude=x", "--exclude=x can not be used in a mirror: use filter.rules"],
  ["-ak", "-k can not be used in a mirror: use live.followSymlinkDirs"],
  ["-aL", "-L can not be used in a mirror: links to files stay links; for links to directories"],
  ["-an", "-n can not be used in a mirror: it would mirror nothing"],
  ["-a /path", 'expected options only, got "/path"'],
  ["-aY", "-aY: unknown option"],
  ["--remove-source-files", "it would take the files away from the root"],
  ["--server", "--server"],
  ["--daemon", "--daemon"],
])("rsync options %j are refused", (options, message) => {
  expect(complaints(withDefaults(JSON.stringify({ rsync: { options } })))[0]).toContain(message);
});

test("-u is kept, and told to be no mirror", () => {
  expect(load(withDefaults("{rsync: {options: -lptu}}")).warnings).toEqual([
    expect.stringContaining("not a mirror"),
  ]);
});

test.each([
  ["{kind: comand, argv: [x]}", 'unknown kind "comand"; did you mean command?'],
  ["{argv: [x]}", 'the key "kind" is missing'],
  ["{kind: command}", 'the key "argv" is missing'],
  ["{kind: command, argv: []}", "expected a list with something in it"],
  ["{kind: command, argv: [x], url: 'http://x'}", 'unknown key "url"'],
  ["{kind: socket, address: nowhere}", 'expected host:port, got "nowhere"'],
  ["{kind: http, url: ftp://x}", "expected an http:// or https:// address"],
  ["{kind: cdn, base: x}", 'one of the keys "template", "request" is missing'],
  ["{kind: cdn, base: x, template: chinacache}", 'the key "host" is missing'],
  ["{kind: cdn, base: x, template: akamai, host: h}", "expected chinacache"],
  ["[]", "expected a section (a hook)"],
])("the hook %s is refused: %s", (hook, message) => {
  const text = `version: 1\nroots: [{path: /a, targets: ["rsync://h/m"], hooks: [${hook}]}]`;
  expect(complaints(text).join("\n")).toContain(message);
});

test("a hook for any content network", () => {
  const hook = `{kind: cdn, base: "https://x/", match: ['.*\\.jpg'], request: {url: "https://api/purge", headers: {Authorization: "Bearer {password}"}, body: "{urls}"}}`;
  expect(
    load(`version: 1\nroots: [{path: /a, targets: ["rsync://h/m"], hooks: [${hook}]}]`).roots[0]!
      .hooks[0],
  ).toMatchObject({
    kind: "cdn",
    template: null,
    urlMatch: null,
    match: [".*\\.jpg"],
    request: {
      method: "POST",
      url: "https://api/purge",
      headers: { Authorization: "Bearer {password}" },
      body: "{urls}",
    },
  });
});

test.each([
  ["{bandwidth: {at: {'8-20': 5M}}}", "expected times of day like 08:00-20:00"],
  ["{window: {push: '25:00-01:00'}}", "expected times of day"],
  ["{fullSync: {cron: 'every day'}}", "not a cron expression"],
  ["{verify: {sample: 100}}", "expected a rate like 100/h"],
  ["{filter: {rules: ['? x']}}", "not a filter rule"],
  ["{retry: {jitter: 2}}", "expected a number from 0 to 1"],
  ["{auth: {user: 12}}", "expected text (in quotes it is text), got number 12"],
  ["{auth: {user: ''}}", "expected text, got none"],
])("%s is refused: %s", (defaults, message) =>
  expect(complaints(withDefaults(defaults)).join("\n")).toContain(message),
);

test.each([
  ["0 4 * * 0", { every: null, cron: "0 4 * * 0" }],
  ["7d", { every: 604_800_000, cron: null }],
])("verify.full: %s", (full, expected) => {
  const settings = load(`version: 1
defaults: { verify: { full: "${full}" } }
roots: [{ path: /a, targets: ["rsync://one/m"] }]
`);
  expect(settings.roots[0]!.targets[0]!.verify.full).toEqual(expected);
});
