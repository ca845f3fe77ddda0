import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createModule } from "../config/index.js";
import { moduleFilter, moduleFilterRules } from "./module-filter.js";

const directory = mkdtempSync(`${tmpdir()}/tsrsync-module-filter-`);

beforeAll(() => {
  writeFileSync(`${directory}/list`, "# comment\nfrom file\n; another\n*.o\n");
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const rulesOf = (parameters: Partial<Parameters<typeof moduleFilterRules>[0]>) =>
  moduleFilterRules(createModule({ name: "m", path: "/", ...parameters }));

const isHidden = (parameters: Parameters<typeof rulesOf>[0], path: string, isDirectory = false) =>
  moduleFilter(rulesOf(parameters))?.at("").excludes(path, isDirectory) ?? null;

test("a module without rules hides nothing", () => {
  expect(moduleFilter(rulesOf({}))).toBeNull();
});

test("the parameters are tried in their order, whatever the order of the file", () => {
  const rules = rulesOf({
    exclude: "e",
    excludeFrom: `${directory}/list`,
    include: "i j",
    includeFrom: `${directory}/list`,
    filter: "- f +_g",
  });
  const shown = rules.map((rule) =>
    rule.kind === "pattern" ? `${rule.include ? "+" : "-"} ${rule.pattern}` : rule.kind,
  );
  expect(shown).toEqual([
    "- f",
    "+ g",
    "+ from file",
    "+ *.o",
    "+ i",
    "+ j",
    "- from file",
    "- *.o",
    "- e",
  ]);
});

test.each([
  ["/dir/", "dir", true, true],
  ["/dir/", "dir/x", false, true],
  ["/dir/", "dir", false, false],
  ["/dir", "dir", false, true],
  ["/dir", "dir/x", false, false],
  ["/dir/***", "dir/x/y", false, true],
  ["*.o", "a/b.o", false, true],
])("exclude = %s hides %s (directory: %s): %s", (exclude, path, isDirectory, hidden) => {
  expect(isHidden({ exclude }, path, isDirectory)).toBe(hidden);
});

test("rules survive the way to another process", () => {
  const rules = rulesOf({ filter: "-C +_a -_b/ :n_.rules" });
  expect(JSON.parse(JSON.stringify(rules))).toEqual(rules);
});

test.each([
  [{ excludeFrom: "/no/such" }, 11, /failed to open exclude file \/no\/such/],
  [{ includeFrom: "/no/such" }, 11, /failed to open include file \/no\/such/],
  [{ filter: "nonsense" }, 1, /Unknown filter rule: nonsense/],
])("%j can not be read", (parameters, exitCode, message) => {
  expect(() => rulesOf(parameters)).toThrow(message);
  expect(() => rulesOf(parameters)).toThrow(expect.objectContaining({ exitCode }));
});

test("a file behind one's own link is read", () => {
  symlinkSync(`${directory}/list`, `${directory}/link`);
  expect(isHidden({ excludeFrom: `${directory}/link` }, "x.o")).toBe(true);
});
