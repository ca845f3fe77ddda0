import { expect, test } from "vitest";
import { compareSettings, isUnchanged } from "./compare.js";
import { loadSettings } from "./load/load.js";
import type { WatchSettings } from "./settings.js";
import { memoryWorld } from "./testing/memory-world.js";

const load = (roots: string, more = ""): WatchSettings =>
  loadSettings({ text: `version: 1\n${more}\nroots: [${roots}]` }, { world: memoryWorld() });

const A = `{path: /a, targets: [{name: x, url: "rsync://h/a"}, {name: y, url: "rsync://h/b"}]}`;
const B = `{path: /b, targets: ["rsync://h/c"]}`;

test("the same configuration changes nothing", () => {
  const change = compareSettings(load(`${A}, ${B}`), load(`${A}, ${B}`));
  expect(isUnchanged(change)).toBe(true);
  expect(change.roots.unchanged).toEqual(["a", "b"]);
});

test("roots and targets are told by name", () => {
  const after = load(`${A.replace("{name: y", "{name: z")}, {path: /c, targets: ["rsync://h/d"]}`);
  const change = compareSettings(load(`${A}, ${B}`), after);
  expect(change.roots).toEqual({ added: ["c"], removed: ["b"], changed: ["a"], unchanged: [] });
  expect(change.changes).toEqual([
    expect.objectContaining({
      ...{ name: "a", watch: false, filter: false, compare: [] },
      targets: { added: ["z"], removed: ["y"], changed: [], unchanged: ["x"] },
    }),
  ]);
  expect(isUnchanged(change)).toBe(false);
});

test.each([
  ["timeout: 5s", { watch: false, compare: [] }],
  ["retry: {min: 5s}", { watch: false, compare: [] }],
  ["rsync: {compress: false}", { watch: false, compare: [] }],
  ["rsync: {acls: true}", { watch: false, compare: ["x", "y"] }],
  ["delete: {mode: never}", { watch: false, compare: ["x", "y"] }],
  ["filter: {rules: ['- a']}", { watch: false, filter: true, compare: ["x", "y"] }],
  ["live: {events: {attrib: false}}", { watch: true, compare: [] }],
  ["batch: {maxGap: 1s}", { watch: false, filter: false, compare: [] }],
  ["hooks: [{kind: command, argv: [x]}]", { watch: false, filter: false }],
  ["rsync: {partialDir: .part}", { watch: false, filter: true }],
])("%s means %j", (key, expected) => {
  const change = compareSettings(load(A), load(A.replace("{path: /a,", `{path: /a, ${key},`)));
  expect(change.changes[0]).toMatchObject(expected);
});

test("an address that is another one is a change of its target", () => {
  const change = compareSettings(load(A), load(A.replace("rsync://h/b", "rsync://h/new")));
  expect(change.changes[0]!.targets.changed).toEqual(["y"]);
});

test("what waits for a restart is told", () => {
  const change = compareSettings(
    load(A),
    load(A, "daemon: {stateDir: /s, workers: 3}\nlog: {level: debug, format: json, file: /l}"),
  );
  expect(change.sections).toEqual(["daemon", "log"]);
  expect(change.needsRestart).toEqual(["daemon.stateDir", "log.format", "log.file"]);
  expect(change.roots.changed).toEqual(["a"]);
});
