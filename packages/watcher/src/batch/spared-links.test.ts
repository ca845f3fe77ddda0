import { expect, it } from "vitest";
import type { RenameOption } from "../target/rename-ways.js";
import type { Look } from "./source-tree.js";
import { sparedLinks } from "./spared-links.js";

const ALL: readonly RenameOption[] = ["link-dest", "copy-dest", "fuzzy"];

/** The new names of what is spared of files with these sizes, each moved from the name before `>`. */
function spared(files: Readonly<Record<string, number>>, options = ALL): string[] {
  const links = Object.keys(files).map((text) => {
    const [from = "", to = ""] = text.split(">");
    return { from, to };
  });
  const look = { mode: 0o100644, links: 1, inode: 1n, device: 1n, ctimeNs: 0n };
  const items = new Map<string, Look>(
    Object.values(files).map((size, at) => [links[at]!.to, { ...look, size }]),
  );
  return sparedLinks(links, items, options)
    .map(({ to }) => to)
    .sort();
}

it("a directory is worth a session when a megabyte of it moved", () => {
  const large = { "old/a>new/a": 600_000, "old/d/b>new/d/b": 400_000 };
  expect(spared(large)).toEqual(["new/a", "new/d/b"]);
  expect(spared(large, ["fuzzy"])).toEqual([]);
  expect(spared({ ...large, "x/c>y/c": 999_999 })).toEqual(["new/a", "new/d/b"]);
  expect(spared({ "old/a>new/a": 600_000, "old/b>other/b": 400_000 })).toEqual([]);
});

it("a file with a new name is one when it would not be sent whole", () => {
  const files = { "d/a>d/b": 16_384, "d/c>d/e": 16_383, "d/f>e/g": 1e9 };
  expect(spared(files)).toEqual(["d/b"]);
  expect(spared(files, ["link-dest", "copy-dest"])).toEqual([]);
});
