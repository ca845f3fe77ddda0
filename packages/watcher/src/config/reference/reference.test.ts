import { readFileSync } from "node:fs";
import Ajv from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { chapterExample, presentExample } from "../testing/chapter-example.js";
import { watchSchema, watchSchemaText } from "./json-schema.js";
import { referencePage } from "./reference-page.js";

const read = (path: string) =>
  readFileSync(new URL(`../../../../../${path}`, import.meta.url), "utf8");
const customTags = [{ tag: "!file", resolve: (text: string) => text }];
const isValid = new Ajv({ allErrors: true }).compile(watchSchema());

/** What the schema says about a text. */
function complaints(text: string): string[] {
  isValid(parse(text, { customTags }));
  return (isValid.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}

test("the schema that is shipped, and the reference, are up to date (npm run docs:watch)", () => {
  expect(read("packages/watcher/watch.schema.json")).toBe(watchSchemaText());
  expect(read("docs/watch-yaml.md")).toBe(referencePage());
});

test("the example of the specification fits the schema", () => {
  expect(complaints(presentExample())).toEqual([]);
  expect(complaints(chapterExample()).length).toBeGreaterThan(0);
});

test.each([
  ["version: 1\nrots: []", "should NOT have additional properties"],
  ["daemon: {workers: many}", ".daemon.workers should be integer"],
  ["defaults: {batch: {maxGap: 50}}", ".defaults.batch.maxGap should be <= 0"],
  ["defaults: {batch: {maxGap: 50 s}}", "should match pattern"],
  [
    "defaults: {live: {backend: fanotify}}",
    ".defaults.live.backend should be equal to one of the allowed values",
  ],
  ["roots: [{targets: [rsync://h/m]}]", "should have required property 'path'"],
  ["roots: [{path: /a, targets: [{name: x}]}]", "should have required property 'url'"],
  [
    "roots: [{path: /a, targets: [rsync://h/m], hooks: [{kind: command}]}]",
    "should have required property 'argv'",
  ],
  [
    "roots: [{path: /a, targets: [rsync://h/m], hooks: [{kind: nothing}]}]",
    "should be equal to one of the allowed values",
  ],
])("%j does not: %s", (text, message) => expect(complaints(text).join("\n")).toContain(message));

test("the examples in the reference fit the schema", () => {
  const blocks = [...referencePage().matchAll(/```yaml\n([\s\S]*?)```/g)];
  expect(blocks).toHaveLength(1);
  for (const [, text] of blocks) expect(complaints(text!)).toEqual([]);
});

test("every key has a meaning in the reference", () => {
  for (const line of referencePage().split("\n")) {
    if (line.startsWith("| `"))
      expect(
        line
          .split(/(?<!\\)\|/)
          .at(-2)!
          .trim(),
        line,
      ).not.toBe("");
  }
});
