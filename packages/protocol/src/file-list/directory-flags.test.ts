import { describe, expect, test } from "vitest";
import {
  createContentInference,
  directoryFromWire,
  directoryToWire,
  inferDirectory,
} from "./directory-flags.js";
import { EntryFlag } from "./file-entry.js";
import { createListOptions } from "./list-options.js";
import { WireFlag } from "./wire-flags.js";

const CONTENT = EntryFlag.ContentDir;
const TOP = EntryFlag.ContentDir | EntryFlag.TopDir;

test.each([
  [0, CONTENT],
  [WireFlag.TopDir, TOP],
  [WireFlag.NoContentDir, 0],
  [WireFlag.TopDir | WireFlag.NoContentDir, EntryFlag.ImpliedDir],
])("wire flags %i are entry flags %i and back", (wire, flags) => {
  expect(directoryFromWire(wire)).toBe(flags);
  expect(directoryToWire(flags, 32)).toBe(wire);
});

test("protocol 29 sends only the roots of arguments", () => {
  expect(directoryToWire(TOP, 29)).toBe(WireFlag.TopDir);
  expect(directoryToWire(CONTENT, 29)).toBe(0);
  expect(directoryToWire(EntryFlag.ImpliedDir, 29)).toBe(0);
});

describe("content is inferred in protocol 29", () => {
  type Step = [name: string, top: boolean, shared: number, flags: number];
  const run = (steps: Step[], relative: boolean, recursive = true) => {
    const options = createListOptions(29, 0, { relative, recursive });
    const state = createContentInference();
    return steps.map(([name, top, shared]) =>
      inferDirectory(state, top ? WireFlag.TopDir : 0, name, shared, options),
    );
  };

  test.each<[string, boolean, Step[]]>([
    [
      "below the root",
      false,
      [
        [".", true, 0, TOP],
        ["a", false, 0, CONTENT],
        ["b/c", false, 0, CONTENT],
      ],
    ],
    [
      "not before any argument",
      false,
      [
        ["d", false, 0, 0],
        ["d/e", true, 1, TOP],
        ["d/f", false, 2, CONTENT],
      ],
    ],
    [
      "with --relative only below the argument",
      true,
      [
        ["d", false, 0, 0],
        ["d/e", true, 1, TOP],
        ["d/e/f", false, 3, CONTENT],
        ["d/e/g/h", false, 4, CONTENT],
        ["d/ef", false, 3, 0],
        ["d/e/z", false, 3, 0],
      ],
    ],
    [
      "with --relative below ./",
      true,
      [
        ["d/.", true, 0, TOP],
        ["d/e", false, 2, CONTENT],
      ],
    ],
    [
      "with --relative at the root",
      true,
      [
        [".", true, 0, TOP],
        ["x", false, 0, CONTENT],
      ],
    ],
  ])("%s", (_, relative, steps) => {
    expect(run(steps, relative)).toEqual(steps.map(([, , , flags]) => flags));
  });

  test("not without recursion", () => {
    expect(
      run(
        [
          ["a", true, 0, TOP],
          ["b", false, 0, 0],
        ],
        false,
        false,
      ),
    ).toEqual([TOP, 0]);
  });
});
