import { describe, expect, it } from "vitest";
import { type RenameOption, renameWay } from "./rename-ways.js";

const ALL: readonly RenameOption[] = ["link-dest", "copy-dest", "fuzzy"];

describe("a moved file", () => {
  it.each([
    ["old/d/f", "new/d/f", "new", "old"],
    ["a/b/old/f", "a/new/f", "a/new", "a/b/old"],
    ["f", "d/f", "d", ""],
    ["d/f", "f", "", "d"],
    ["d/d/f", "d/f", "", "d"],
  ])("from %s to %s is taken from the directory that had it", (from, to, directory, old) => {
    expect(renameWay({ from, to }, ["copy-dest"])).toEqual({ directory, old });
    expect(renameWay({ from, to }, ["fuzzy"])).toBe(null);
  });

  it("with another name is looked for beside it", () => {
    const beside = { directory: "", old: null };
    expect(renameWay({ from: "d/old", to: "d/new" }, ALL)).toEqual(beside);
    expect(renameWay({ from: "old", to: "new" }, ALL)).toEqual(beside);
    expect(renameWay({ from: "d/old", to: "d/new" }, ["link-dest"])).toBe(null);
    expect(renameWay({ from: "a/old", to: "b/new" }, ALL)).toBe(null);
  });

  it.each(["new*", "n?w", "n[e]w", "n\\w", "n\nw", "n\rw"])(
    "is sent into a directory whose name a daemon would not take as it is: %j",
    (directory) => {
      expect(renameWay({ from: "old/f", to: `${directory}/f` }, ALL)).toBe(null);
    },
  );

  it("comes from a directory of almost any name", () => {
    expect(renameWay({ from: "o*[d]\\\xff/f", to: "new/f" }, ALL)?.old).toBe("o*[d]\\\xff");
    expect(renameWay({ from: "o\nd/f", to: "new/f" }, ALL)).toBe(null);
  });
});
