import { describe, expect, test } from "vitest";
import type { FilterSettings } from "../config/settings.js";
import { createPathFilter } from "../filter/path-filter.js";
import { DirtyMap } from "../state/dirty-map.js";
import { type Mark, Reach } from "../state/mark.js";
import { type PlanRequest, planPush, RootGoneError } from "./plan-push.js";
import { type Kind, ModelTree } from "./testing-tree.js";

function treeOf(items: Readonly<Record<string, Kind>>): ModelTree {
  const tree = new ModelTree();
  for (const [path, kind] of Object.entries(items)) tree.put(path, kind, 1);
  return tree;
}

function filterOf(settings: Partial<FilterSettings> = {}) {
  const none: FilterSettings = { rules: [], excludeRegex: [], tempFiles: "none", protect: [] };
  return createPathFilter({ ...none, ...settings });
}

const tree = (path: string): Mark => ({ path, reach: Reach.Tree });

function planOf(
  source: ModelTree,
  marks: readonly (Mark | string)[],
  more: Partial<PlanRequest> = {},
) {
  const map = new DirtyMap();
  for (const [index, mark] of marks.entries()) {
    map.mark(typeof mark === "string" ? { path: mark, reach: Reach.Item } : mark, index + 1);
  }
  return planPush({
    taken: map.take({ maxPaths: 1000 }),
    tree: source,
    filter: filterOf(),
    renames: [],
    capabilities: { deletes: true, hardLinks: true, renameOptions: [] },
    deletesNow: true,
    deletesWanted: true,
    maxPaths: 1000,
    maxBytes: 1e9,
    oneFileSystem: true,
    saw: () => {},
    ...more,
  });
}

const covered = (planned: Awaited<ReturnType<typeof planOf>>) =>
  planned.covered.entries.map(({ path }) => path);

describe("what is there", () => {
  test("is sent with the directories that it lies in, the root included", async () => {
    const source = treeOf({
      a: "directory",
      "a/b": "directory",
      "a/b/f": "file",
      "a/other": "file",
    });
    const planned = await planOf(source, [{ path: "a/b/f", reach: Reach.Item, force: true }]);
    expect(planned.plan.items).toEqual(["a/b/f", "a/b", "a", ""]);
    expect(planned.plan.forced).toEqual(new Set(["a/b/f"]));
    expect(planned.plan.touched).toEqual(new Set(["a/b", "a", ""]));
    expect([planned.bytes, planned.isMore]).toEqual([100, false]);
  });

  test("under several names goes with all of them in one session", async () => {
    const source = treeOf({ a: "file" });
    source.link("a", "b");
    const planned = await planOf(source, [{ path: "a", reach: Reach.Item, force: true }, "b"]);
    expect(planned.plan.forced).toEqual(new Set(["a", "b"]));
  });

  test("is a tree: all of it is sent, and told to the snapshot", async () => {
    const source = treeOf({ d: "directory", "d/e": "directory", "d/e/f": "file", "d/g": "link" });
    const seen: string[] = [];
    const planned = await planOf(source, [tree("d")], { saw: ({ path }) => seen.push(path) });
    expect(new Set(planned.plan.items)).toEqual(new Set(["", "d", "d/e", "d/e/f", "d/g"]));
    expect(seen.sort()).toEqual(["d/e", "d/e/f", "d/g"]);
  });

  test("is a tree: what changed only just now may change again unseen, and is not proven by its ctime", async () => {
    const source = treeOf({ d: "directory", "d/old": "file", "d/young": "file" });
    const young = BigInt(Date.now()) * 1_000_000n - 1_000_000_000n;
    const lstat = source.lstat.bind(source);
    source.lstat = (path) => {
      const look = lstat(path);
      return path === "d/young" && look !== null && look !== "unreadable"
        ? { ...look, ctimeNs: young }
        : look;
    };
    const seen = new Map<string, bigint>();
    await planOf(source, [tree("d")], { saw: ({ path, ctimeNs }) => seen.set(path, ctimeNs) });
    expect(seen.get("d/old")).toBeGreaterThan(0n);
    expect(seen.get("d/young")).toBe(0n);
  });

  test("is hidden: it is settled without being sent", async () => {
    const source = treeOf({ d: "directory", "d/a.o": "file", "d/b": "file" });
    const filter = filterOf({ rules: ["- *.o"] });
    const planned = await planOf(source, [tree("d"), "d/a.o"], { filter });
    expect(new Set(planned.plan.items)).toEqual(new Set(["", "d", "d/b"]));
    expect(covered(planned)).toEqual(["d", "d/a.o"]);
  });

  test("can not be read: it is parked, and nothing is deleted", async () => {
    const source = treeOf({ d: "directory", "d/f": "file" });
    source.unreadable.add("d");
    const planned = await planOf(source, ["d/f", tree("d")]);
    expect([planned.plan.items, planned.plan.deletes]).toEqual([[], []]);
    expect(planned.failedMarks([])).toEqual(new Set(["d/f", "d"]));
  });
});

describe("limits", () => {
  test("of bytes leave younger marks for the next push", async () => {
    const source = treeOf({ a: "file", b: "file", c: "file" });
    const planned = await planOf(source, ["a", "b", "c"], { maxBytes: 150 });
    expect(covered(planned)).toEqual(["a", "b"]);
    expect(planned.isMore).toBe(true);
  });

  test("of paths leave parts of a tree as trees", async () => {
    const source = treeOf({ d: "directory" });
    for (const sub of ["x", "y", "z"]) {
      source.put(`d/${sub}`, "directory", 1);
      for (let i = 0; i < 10; i++) source.put(`d/${sub}/${i}`, "file", 1);
    }
    const planned = await planOf(source, [tree("d")], { maxPaths: 12 });
    expect(planned.rest).toHaveLength(2);
    expect(planned.plan.items).toHaveLength(1 + 1 + 3 + 10);
    expect(planned.isMore).toBe(true);
  });
});

describe("what is missing", () => {
  test("is deleted at the highest missing name, with its parent's attributes", async () => {
    const planned = await planOf(treeOf({ d: "directory" }), ["d/a/b", "d/a", "d/a/c", "x"]);
    expect(planned.plan.deletes).toEqual(["d/a", "x"]);
    expect(planned.plan.items).toEqual(["d", ""]);
    expect(planned.failedMarks(["d/a"])).toEqual(new Set(["d/a", "d/a/b", "d/a/c"]));
  });

  test("because a link took the place of its directory is not deleted behind the link", async () => {
    const planned = await planOf(treeOf({ d: "link" }), ["d/a/b"]);
    expect([planned.plan.items, planned.plan.deletes]).toEqual([["d", ""], []]);
    expect(planned.failedMarks(["d"])).toEqual(new Set(["d", "d/a/b"]));
  });

  test("stays where it is hidden or protected, whatever it was", async () => {
    const filter = filterOf({ rules: ["- cache/"], protect: ["/keep"] });
    const planned = await planOf(treeOf({}), ["cache", "keep/x", "gone"], { filter });
    expect(planned.plan.deletes).toEqual(["gone"]);
    expect(covered(planned)).toEqual(["cache", "keep/x", "gone"]);
  });

  test("is settled where deletes are not wanted, and parked where they are held back", async () => {
    const unwanted = await planOf(treeOf({}), ["a/b"], { deletesWanted: false });
    expect([unwanted.plan.deletes, covered(unwanted)]).toEqual([[], ["a/b"]]);
    expect(unwanted.failedMarks([])).toEqual(new Set());
    const held = await planOf(treeOf({}), ["a/b"], { deletesNow: false });
    expect([held.plan.deletes, held.heldDeletes]).toEqual([[], ["a"]]);
    expect(held.failedMarks([])).toEqual(new Set(["a/b"]));
  });

  test("with the root, or with another root, is not known to be missing", async () => {
    const source = treeOf({});
    source.intact = false;
    await expect(planOf(source, ["a"])).rejects.toThrow(RootGoneError);
    const gone = treeOf({});
    gone.items.delete("");
    await expect(planOf(gone, ["a"])).rejects.toThrow(RootGoneError);
  });
});

describe("what was moved", () => {
  const file = { from: "old", to: "new", isDirectory: false };
  const directory = { from: "old", to: "new", isDirectory: true };

  test("is linked to its old name, which is deleted with the next push", async () => {
    const source = treeOf({ new: "file" });
    const first = await planOf(source, ["old", "new"], { renames: [file] });
    expect(first.plan.links).toEqual([{ from: "old", to: "new" }]);
    expect([first.plan.deletes, first.isMore, covered(first)]).toEqual([[], true, ["new"]]);
    expect(first.failedMarks(["old"])).toEqual(new Set(["new"]));
    const second = await planOf(source, ["old"]);
    expect(second.plan.deletes).toEqual(["old"]);
  });

  test("is sent where links can not be had, or the old name is taken again", async () => {
    const source = treeOf({ new: "file" });
    const capabilities = { deletes: true, hardLinks: false, renameOptions: [] };
    const sent = await planOf(source, ["old", "new"], { renames: [file], capabilities });
    expect([sent.plan.links, sent.plan.deletes]).toEqual([[], ["old"]]);
    source.put("old", "file", 2);
    const both = await planOf(source, ["old", "new"], { renames: [file] });
    expect([both.plan.links, both.isMore]).toEqual([[], false]);
  });

  test("is sent as well where it is not worth more, and where its old name has to stay", async () => {
    const source = treeOf({ new: "file" });
    const capabilities = { deletes: true, hardLinks: false, renameOptions: ["fuzzy" as const] };
    const small = await planOf(source, ["old", "new"], { renames: [file], capabilities });
    expect([small.plan.links, small.plan.deletes]).toEqual([[], ["old"]]);
    const filter = filterOf({ protect: ["/old"] });
    const kept = await planOf(source, ["old", "new"], { renames: [file], filter });
    expect([kept.plan.links, kept.plan.deletes]).toEqual([[], []]);
  });

  test("is sent when its old name was deleted already, because the new one was not there yet", async () => {
    const planned = await planOf(treeOf({ new: "file" }), ["new"], { renames: [file] });
    expect(planned.plan.links).toEqual([]);
    const kept = { renames: [file], deletesWanted: false };
    const links = [{ from: "old", to: "new" }];
    expect((await planOf(treeOf({ new: "file" }), ["new"], kept)).plan.links).toEqual(links);
    const held = { renames: [file], deletesNow: false };
    expect((await planOf(treeOf({ new: "file" }), ["old", "new"], held)).plan.links).toEqual(links);
  });

  test("whose new name is gone, too, does not keep the delete of both waiting", async () => {
    const renames = [{ from: "d/old", to: "d/new", isDirectory: false }];
    const planned = await planOf(treeOf({}), ["d"], { renames });
    expect(planned.plan.deletes).toEqual(["d"]);
    expect(planned.isMore).toBe(false);
  });

  test("with a directory is linked file by file", async () => {
    const source = treeOf({ new: "directory", "new/d": "directory", "new/d/f": "file" });
    const planned = await planOf(source, ["old", tree("new")], { renames: [directory] });
    expect(planned.plan.links).toEqual([{ from: "old/d/f", to: "new/d/f" }]);
    expect([planned.plan.deletes, planned.isMore]).toEqual([[], true]);
  });
});

test("a directory that is to be compared as a whole is the engine's, a file is not", async () => {
  const source = treeOf({ d: "directory", f: "file" });
  const marks = ["d", "f", "gone"].map((path) => ({ path, reach: Reach.Reconcile }));
  const planned = await planOf(source, marks);
  expect(planned.reconciles.entries.map(({ path }) => path)).toEqual(["d"]);
  expect(covered(planned)).toEqual(["f", "gone"]);
  expect(planned.plan.deletes).toEqual(["gone"]);
});
