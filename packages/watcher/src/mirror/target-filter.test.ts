import { expect, test } from "vitest";
import type { FilterSettings } from "../config/settings.js";
import { createPathFilter } from "../filter/path-filter.js";
import { targetFilter } from "./target-filter.js";

const NONE: FilterSettings = { rules: [], excludeRegex: [], tempFiles: "none", protect: [] };
const ROOT: FilterSettings = { ...NONE, rules: ["- *.tmp"], protect: ["/keep"] };

test("a target without a filter of its own has that of its root", () => {
  const root = createPathFilter(ROOT);
  expect(targetFilter(root, ROOT, { ...ROOT })).toBe(root);
});

test("a target's own filter hides and protects besides that of the root", () => {
  const filter = targetFilter(createPathFilter(ROOT), ROOT, {
    ...NONE,
    rules: ["- *.log"],
    protect: ["/mine"],
  });
  const hidden = ["a.tmp", "a.log", "a.txt"].map((path) => filter.isHidden(path, false));
  expect(hidden).toEqual([true, true, false]);
  const kept = ["keep", "mine", "other"].map((path) => filter.isProtected(path, false));
  expect(kept).toEqual([true, true, false]);
  expect(filter.report().map(({ text }) => text)).toEqual(["- *.tmp", "- *.log"]);
});
