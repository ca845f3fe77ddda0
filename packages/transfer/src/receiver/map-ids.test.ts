import { createEntry, extraOf } from "@tsrsync/protocol/file-list";
import { expect, test } from "vitest";
import { parseIdRules } from "./id-rules.js";
import { IdMap } from "./map-ids.js";

const entries = () => [0, 5, 6, 7].map((id) => createEntry("f", 0o100644, 0, 0, 0, id, id));
const lookup = (name: string) => ({ five: 55, seven: 77, root: 99 })[name] ?? null;

test("names win, unknown names and nameless ids stay numbers, and 0 stays 0", () => {
  const map = new IdMap(lookup);
  map.announce([
    { id: 5, name: "five" },
    { id: 6, name: "nobody here" },
    { id: 0, name: "root" },
  ]);
  const some = entries();
  map.applyTo(some, "uid", "userName");
  expect(some.map(({ uid }) => uid)).toEqual([0, 55, 6, 7]);
  expect(some.map(({ gid }) => gid)).toEqual([0, 5, 6, 7]);
});

test("a name that comes with an entry counts for all entries from then on", () => {
  const map = new IdMap(lookup);
  const first = entries();
  extraOf(first[3]!).groupName = "seven";
  map.applyTo(first, "gid", "groupName");
  expect(first.map(({ gid }) => gid)).toEqual([0, 5, 6, 77]);
  const second = entries();
  map.applyTo(second, "gid", "groupName");
  expect(second.map(({ gid }) => gid)).toEqual([0, 5, 6, 77]);
});

test("rules win over names, for 0 and for nameless ids too", () => {
  const rules = parseIdRules("usermap", "five:1,root:2,7:3,:4", lookup, () => {});
  const map = new IdMap(lookup, rules);
  map.announce([
    { id: 5, name: "five" },
    { id: 0, name: "root" },
  ]);
  const some = entries();
  map.applyTo(some, "uid", "userName");
  expect(some.map(({ uid }) => uid)).toEqual([2, 1, 4, 3]);
});

test("an id that was announced keeps its name in later lists", () => {
  const map = new IdMap(
    lookup,
    parseIdRules("groupmap", "seven:9,:8", lookup, () => {}),
  );
  const first = entries();
  extraOf(first[3]!).groupName = "seven";
  map.applyTo(first, "gid", "groupName");
  expect(first.map(({ gid }) => gid)).toEqual([8, 8, 8, 9]);
  const second = entries();
  map.applyTo(second, "gid", "groupName");
  expect(second.map(({ gid }) => gid)).toEqual([8, 8, 8, 9]);
});

test("a sender that does not name id 0 means root", () => {
  const rules = () => parseIdRules("usermap", "root:3,:4", lookup, () => {});
  for (const [map, expected] of [
    [new IdMap(lookup, rules(), "root"), 3],
    [new IdMap(lookup, rules()), 4],
  ] as const) {
    const some = entries();
    map.applyTo(some, "uid", "userName");
    expect(some[0]?.uid).toBe(expected);
  }
});
