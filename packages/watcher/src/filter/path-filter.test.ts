import { UsageError } from "@tsrsync/protocol";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { describe, expect, test } from "vitest";
import type { FilterSettings } from "../config/settings.js";
import { createPathFilter } from "./path-filter.js";

const NOTHING: FilterSettings = { rules: [], excludeRegex: [], tempFiles: "none", protect: [] };
const filterOf = (settings: Partial<FilterSettings>) =>
  createPathFilter({ ...NOTHING, ...settings }, [".tsrsync-partial"]);

describe("rsync's rules", () => {
  test("decide in their order, directories hide what is below", () => {
    const filter = filterOf({ rules: ["+ /keep/***", "- *.tmp", "- /cache/"] });
    expect(filter.isHidden("keep/a.tmp", false)).toBe(false);
    expect(filter.isHidden("x/a.tmp", false)).toBe(true);
    expect(filter.isHidden("cache", false)).toBe(false);
    expect(filter.isHidden("cache", true)).toBe(true);
    expect(filter.isHidden("cache/deep/file", false)).toBe(true);
    expect(filter.isHidden("x/cache/file", false)).toBe(false);
    expect(filter.isHidden("", true)).toBe(false);
  });

  test("of one side hide or protect, without a side they do both", () => {
    const filter = filterOf({ rules: ["P log", "H secret", "- both"] });
    const answers = ["log", "secret", "both", "other"].map((path) => [
      filter.isHidden(path, false),
      filter.isProtected(path, false),
    ]);
    expect(answers).toEqual([
      [false, true],
      [true, false],
      [true, true],
      [false, false],
    ]);
  });

  test("protected patterns win over what is included, and hold for all below", () => {
    const filter = filterOf({ rules: ["+ *"], protect: ["/uploads"] });
    expect(filter.isProtected("uploads/2024/a.jpg", false)).toBe(true);
    expect(filter.isHidden("uploads/2024/a.jpg", false)).toBe(false);
    expect(filter.isProtected("x/uploads", true)).toBe(false);
  });

  test("with names of other bytes are written as text", () => {
    const filter = filterOf({ rules: ["- /文件*"] });
    expect(filter.isHidden(byteStringFromText("文件1"), false)).toBe(true);
  });

  test("that can not be read are told", () => {
    expect(() => filterOf({ rules: ["nonsense"] })).toThrow(/nonsense/);
    expect(() => filterOf({ rules: [": .filter"] })).toThrow(UsageError);
    expect(() => filterOf({ rules: [". /does/not/exist"] })).toThrow(/exist/);
  });
});

describe("expressions", () => {
  test("of all of sersync's spellings mean the same", () => {
    const filter = filterOf({ excludeRegex: ["(.*)\\.svn", "^info/*", "/static/.*", "tmp/"] });
    for (const path of ["a.svn", "d/.svn", "info", "static/x"]) {
      expect([path, filter.isHidden(path, false)]).toEqual([path, true]);
    }
    expect(filter.isHidden("info/page.html", false)).toBe(true);
    expect(filter.isHidden("information", false)).toBe(false);
    expect(filter.isHidden("a.svn.txt", false)).toBe(false);
    expect(filter.isHidden("tmp", true)).toBe(true);
    expect(filter.isHidden("tmp", false)).toBe(false);
  });

  test("fit names with line ends and names in UTF-8", () => {
    const filter = filterOf({ excludeRegex: [".*\\.bak", "[文件]+"] });
    expect(filter.isHidden("a\nb.bak", false)).toBe(true);
    expect(filter.isHidden(byteStringFromText("件文"), false)).toBe(true);
    expect(filter.isHidden("\xff\xfe", false)).toBe(false);
  });

  test("that are none are told by name", () => {
    for (const bad of ["a(", "a)|(b", "*x"]) {
      expect(() => filterOf({ excludeRegex: ["fine", bad] })).toThrow(bad);
    }
  });
});

describe("temporary files", () => {
  const hiddenBy = (tempFiles: FilterSettings["tempFiles"], names: readonly string[]) =>
    names.filter((name) => filterOf({ tempFiles }).isHidden(`d/${name}`, false));
  const NAMES = [".htaccess", "a~", "4913", ".a.swp", "#a#", "a.tmp", "~$x.docx", "plain"];

  test("presets", () => {
    expect(hiddenBy("none", NAMES)).toEqual([]);
    expect(hiddenBy("sersync", NAMES)).toEqual([".htaccess", "a~", "4913", ".a.swp"]);
    expect(hiddenBy("editors", NAMES)).toEqual(["a~", "4913", ".a.swp", "#a#", "~$x.docx"]);
    expect(hiddenBy("all", NAMES)).toEqual(["a~", "4913", ".a.swp", "#a#", "a.tmp", "~$x.docx"]);
  });

  test("are no directories", () => {
    expect(filterOf({ tempFiles: "sersync" }).isHidden(".git/config", false)).toBe(false);
  });

  test("of rsync's own are hidden where they look exactly so", () => {
    const filter = filterOf({});
    expect(filter.isHidden("d/.tsrsync-partial/x", false)).toBe(true);
    expect(filter.isHidden("d/.tsrsync-partial", false)).toBe(false);
    expect(filter.isHidden(".~tmp~", true)).toBe(true);
    expect(filter.isHidden("d/.page.html.xY3kQz", false, 0o100600)).toBe(true);
    expect(filter.isHidden("d/.page.html.xY3kQz", false, 0o100644)).toBe(false);
    expect(filter.isHidden("d/.page.html.xY3kQz", false)).toBe(false);
    for (const name of [".bashrc.backup", ".env.SAMPLE", ".x.Backup", ".log.202401"]) {
      expect([name, filter.isHidden(name, false, 0o100600)]).toEqual([name, false]);
    }
  });
});

test("the report tells which rule hid how much", () => {
  const filter = filterOf({ rules: ["- *.o"], excludeRegex: ["cache"], tempFiles: "editors" });
  for (const path of ["a.o", "b.o", "cache/x", "cache/y", "c~", "d"]) filter.isHidden(path, false);
  expect(filter.report()).toEqual([
    { kind: "rule", text: "- *.o", hits: 2 },
    { kind: "excludeRegex", text: "cache", hits: 1 },
    { kind: "tempFiles", text: "*~", hits: 1 },
  ]);
});
