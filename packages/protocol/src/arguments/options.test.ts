import { expect, test } from "vitest";
import documented from "../../../../docs/protocol/options.json" with { type: "json" };
import { findOption, optionIndex } from "./option-index.js";
import { OPTIONS } from "./options.js";
import { startSettings } from "./settings.js";

test("the table is that of the specification", () => {
  expect(OPTIONS).toEqual(documented);
});

test("every setting that an option touches has a start value", () => {
  const touched = OPTIONS.flatMap(({ sets, negationSets }) => [
    ...Object.keys(sets),
    ...Object.keys(negationSets ?? {}),
  ]);
  expect(Object.keys(startSettings())).toEqual(expect.arrayContaining(touched));
});

test("no name and no letter means two things in one mode", () => {
  for (const daemon of [true, false]) {
    const specs = OPTIONS.filter(({ mode }) => (mode === "daemon") === daemon);
    const names = specs.flatMap((spec) => [spec.name ?? [], spec.aliases, spec.negations].flat());
    const letters = specs.flatMap(({ short }) => short ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(letters).size).toBe(letters.length);
  }
});

test("a reported name leads back to its option", () => {
  expect(findOption("no-acls")?.name).toBe("acls");
  expect(findOption("existing")?.name).toBe("ignore-non-existing");
  expect(findOption("no-D")?.short).toBe("D");
  expect(findOption("F")?.short).toBe("F");
  expect(findOption("dparam", "daemon")?.short).toBe("M");
  expect(findOption("nosuch")).toBeUndefined();
});

test("only a server knows --use-qsort", () => {
  expect(optionIndex("server").long.get("use-qsort")?.spec.name).toBe("qsort");
  expect(optionIndex("client").long.has("use-qsort")).toBe(false);
});
