import { UsageError } from "@tsrsync/protocol";
import { expect, test } from "vitest";
import { parseIdRules } from "./id-rules.js";

const lookup = (name: string) => ({ bin: 2, games: 5 })[name] ?? null;
const mapped = (text: string, id: number, name: string) => {
  const rules = parseIdRules("usermap", text, lookup, () => {});
  return rules.find((rule) => rule.matches(id, name))?.local ?? null;
};

test.each([
  ["*:5", 7, "", 5],
  ["*:5", 7, "daemon", 5],
  [":7,*:8", 60001, "", 7],
  [":7,*:8", 1, "daemon", 8],
  ["1-3:9", 3, "sys", 9],
  ["1-3:9", 4, "sync", null],
  ["daemon:bin", 1, "daemon", 2],
  ["d*:3,1:4", 1, "daemon", 3],
  ["d[a-c]emon:3", 1, "daemon", 3],
  ["d?:3", 1, "daemon", null],
  ["0:5", 0, "", 5],
  ["root:07", 0, "root", 7],
  ["60000-60002:0", 60001, "", 0],
  ["-1:4", 1, "daemon", null],
])("%s maps %d (%j) to %j", (text, id, name, expected) => {
  expect(mapped(text, id, name)).toBe(expected);
});

test.each([
  ["daemon", "No colon found in --usermap: daemon"],
  ["", "No colon found in --usermap: "],
  ["1:2,", "No colon found in --usermap: "],
  ["1:", "No name found after colon --usermap: 1:"],
  ["1-:3", "Invalid number in --usermap: 1-"],
  ["1-3-4:5", "Invalid number in --usermap: 1-3-4"],
  ["4294967296:5", "Invalid number in --usermap: 4294967296"],
])("%j is refused", (text, message) => {
  expect(() => mapped(text, 1, "")).toThrow(new UsageError(message));
});

test("an item to a name that is not here is left out, with a word about it", () => {
  const told: string[] = [];
  const rules = parseIdRules("groupmap", "1:nobody here,*:3", lookup, (text) => told.push(text));
  expect(told).toEqual(["Unknown --groupmap name on receiver: nobody here"]);
  expect(rules.find((rule) => rule.matches(1, "x"))?.local).toBe(3);
});
