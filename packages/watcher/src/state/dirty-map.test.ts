import { expect, test } from "vitest";
import { DirtyMap } from "./dirty-map.js";
import { type Mark, Reach } from "./mark.js";

const item = (path: string): Mark => ({ path, reach: Reach.Item });
const pathsOf = (map: DirtyMap, maxPaths = 100) =>
  map.take({ maxPaths }).entries.map(({ path }) => path);

test("what was taken stays until it is settled", () => {
  const map = new DirtyMap();
  map.mark(item("a"), 1);
  const taken = map.take({ maxPaths: 10 });
  expect(taken).toMatchObject({ bound: 1, isAll: true, entries: [{ path: "a" }] });
  expect(map.size).toBe(1);
  map.settle(taken);
  expect(map.size).toBe(0);
});

test("a path that is marked while it is sent stays dirty", () => {
  const map = new DirtyMap();
  map.mark(item("a"), 1);
  const taken = map.take({ maxPaths: 10 });
  map.mark(item("a"), 2);
  map.settle(taken);
  expect(pathsOf(map)).toEqual(["a"]);
  expect(map.isPending(1)).toBe(false);
  expect(map.isPending(2)).toBe(true);
});

test("a tree that was sent is an item when only its directory was marked meanwhile", () => {
  const map = new DirtyMap();
  map.mark({ path: "d", reach: Reach.Tree, force: true }, 1);
  const taken = map.take({ maxPaths: 10 });
  map.mark(item("d"), 2);
  expect(map.take({ maxPaths: 10 }).entries).toEqual([
    { path: "d", reach: Reach.Tree, force: true },
  ]);
  map.settle(taken);
  const again = new DirtyMap();
  again.mark({ path: "d", reach: Reach.Tree, force: true }, 1);
  const first = again.take({ maxPaths: 10 });
  again.mark(item("d"), 2);
  again.settle(first);
  expect(again.take({ maxPaths: 10 }).entries).toEqual([
    { path: "d", reach: Reach.Item, force: false },
  ]);
});

test("a directory that is touched has not changed itself, until it has", () => {
  const touched: Mark = { path: "d", reach: Reach.Item, touched: true };
  const map = new DirtyMap();
  const marks = () => map.take({ maxPaths: 10 }).entries;
  map.mark(touched, 1);
  expect(marks()).toEqual([{ ...touched, force: false }]);
  map.mark(item("d"), 2);
  map.mark(touched, 3);
  expect(marks()).toEqual([{ path: "d", reach: Reach.Item, force: false }]);
  const taken = map.take({ maxPaths: 10 });
  map.mark(touched, 4);
  map.settle(taken);
  expect(marks()).toEqual([{ ...touched, force: false }]);
  map.settle(map.take({ maxPaths: 10 }), new Set(["d"]), 0);
  expect(marks()).toEqual([{ ...touched, force: false }]);
});

test.each([
  ["one that moved away", [Reach.Reconcile, Reach.Tree]],
  ["one that was deleted", [Reach.Item, Reach.Tree]],
  ["one that it changed places with", [Reach.Tree, Reach.Reconcile]],
])("a directory in the place of %s may look the same", (_, reaches) => {
  const map = new DirtyMap();
  for (const [at, reach] of reaches.entries()) map.mark({ path: "d", reach }, at + 1);
  const expected = [{ path: "d", reach: Reach.Reconcile, force: true }];
  expect(map.take({ maxPaths: 10 }).entries).toEqual(expected);
});

test("a directory that is told of twice is one", () => {
  const map = new DirtyMap();
  for (const sequence of [1, 2]) map.mark({ path: "d", reach: Reach.Tree }, sequence);
  map.mark(item("d"), 3);
  const expected = [{ path: "d", reach: Reach.Tree, force: false }];
  expect(map.take({ maxPaths: 10 }).entries).toEqual(expected);
});

test("of many paths the oldest are taken, and what changes all the time does not keep others waiting", () => {
  const map = new DirtyMap();
  for (let i = 1; i <= 4; i++) map.mark(item(`p${i}`), i);
  map.mark(item("p1"), 5);
  const taken = map.take({ maxPaths: 2 });
  expect(taken.entries.map(({ path }) => path)).toEqual(["p1", "p2"]);
  expect(taken.isAll).toBe(false);
  map.mark(item("p1"), 6);
  map.settle(taken);
  expect(pathsOf(map, 2)).toEqual(["p3", "p4"]);
});

test("what failed is parked until its next mark, its time, or somebody asks", () => {
  let now = 1000;
  const map = new DirtyMap({ now: () => now });
  for (const [index, path] of ["a", "b", "c"].entries()) map.mark(item(path), index + 1);
  map.settle(map.take({ maxPaths: 9 }), new Set(["a", "b", "c"]), 5000);
  expect(pathsOf(map)).toEqual([]);
  expect([map.size, map.parkedCount, map.nextRetry]).toEqual([3, 3, 5000]);
  expect([map.isPending(9), map.isParked(1), map.isParked(0)]).toEqual([false, true, false]);
  map.mark(item("b"), 4);
  expect(pathsOf(map)).toEqual(["b"]);
  map.unpark("c");
  expect(pathsOf(map)).toEqual(["b", "c"]);
  now = 5000;
  expect(pathsOf(map)).toEqual(["b", "c", "a"]);
});

test("a path below a tree that did not arrive becomes dirty itself", () => {
  const map = new DirtyMap();
  map.mark({ path: "d", reach: Reach.Tree }, 1);
  map.settle(map.take({ maxPaths: 9 }), new Set(["d/x"]));
  expect([map.size, [...map.parked()]]).toEqual([1, ["d/x"]]);
});

test("the lag counts from the first mark that is not settled", () => {
  let now = 0;
  const map = new DirtyMap({ now: () => now });
  for (let i = 1; i <= 10; i++) {
    now = i * 100;
    map.mark(item("a"), i);
  }
  expect(map.oldestMark).toBe(100);
  const taken = map.take({ maxPaths: 9 });
  now = 1100;
  map.mark(item("a"), 11);
  map.settle(taken);
  expect(map.oldestMark).toBe(1100);
  map.settle(map.take({ maxPaths: 9 }));
  expect(map.oldestMark).toBeNull();
});

test("a directory that is compared as a whole swallows what is below, but not what must be sent anyway", () => {
  const map = new DirtyMap();
  map.mark(item("d/a"), 1);
  map.mark({ path: "d/b", reach: Reach.Item, force: true }, 2);
  map.mark({ path: "d", reach: Reach.Reconcile }, 3);
  map.mark(item("d/c"), 4);
  const taken = map.take({ maxPaths: 9 });
  expect(taken.entries.map(({ path }) => path)).toEqual(["d/b", "d"]);
  expect(taken.swallowed).toEqual(["d/a"]);
  map.mark(item("d/e"), 5);
  map.settle(taken);
  expect(pathsOf(map)).toEqual(["d/e"]);
});

test("what changes below a directory that is just being compared is not taken for compared", () => {
  const map = new DirtyMap();
  map.mark({ path: "d", reach: Reach.Reconcile }, 1);
  const taken = map.take({ maxPaths: 9 });
  map.mark(item("d"), 2);
  map.mark(item("d/x"), 3);
  map.settle(taken);
  expect(pathsOf(map)).toEqual(["d/x", "d"]);
});

test("a directory that took the place of one that was moved away is compared as a whole", () => {
  const map = new DirtyMap();
  map.mark(item("d"), 1);
  map.mark({ path: "d", reach: Reach.Tree }, 2);
  expect(map.take({ maxPaths: 9 }).entries).toMatchObject([{ path: "d", reach: Reach.Reconcile }]);
});

test("of very many paths the fullest directories become one entry each", () => {
  const map = new DirtyMap({ maxPaths: 100 });
  for (let i = 1; i <= 90; i++) map.mark(item(`full/${i}`), i);
  for (let i = 91; i <= 101; i++) map.mark(item(`few${i}/x`), i);
  const { entries } = map.take({ maxPaths: 1000 });
  expect(entries).toHaveLength(12);
  expect(entries).toContainEqual({ path: "full", reach: Reach.Reconcile, force: false });
  for (let i = 102; i <= 400; i++) map.mark(item(`d${i}/x`), i);
  expect(map.size).toBeLessThanOrEqual(100);
});

test("a root that is left for later lets what changes below it through", () => {
  const map = new DirtyMap({ now: () => 5 });
  map.mark({ path: "", reach: Reach.Reconcile }, 1);
  expect([map.oldestOffered(false), map.oldestOffered(true), map.isRootDue]).toEqual([
    null,
    5,
    true,
  ]);
  map.mark({ path: "a/b", reach: Reach.Item }, 2);
  expect(map.oldestOffered(false)).toBe(5);
  const live = map.take({ maxPaths: 10, withRoot: false });
  expect(live.entries.map(({ path }) => path)).toEqual(["a/b"]);
  expect(live.swallowed).toEqual([]);
  map.mark({ path: "", reach: Reach.Item }, 3);
  map.settle(live);
  expect([...map.list()].map(({ path }) => path)).toEqual([""]);
  expect(map.isPending(1)).toBe(true);
  map.mark({ path: "a/c", reach: Reach.Item }, 4);
  const full = map.take({ maxPaths: 10 });
  expect(full.entries).toEqual([{ path: "", reach: Reach.Reconcile, force: false }]);
  expect(full.swallowed).toEqual(["a/c"]);
  map.settle(full);
  expect([map.size, map.isRootDue]).toEqual([0, false]);
});

test("what a forced comparison could not bring is sent whatever it looks like, though it had failed before", () => {
  const map = new DirtyMap();
  map.mark(item("i"), 1);
  map.settle(map.take({ maxPaths: 1 }), new Set(["i"]));
  map.mark({ path: "", reach: Reach.Reconcile, force: true }, 2);
  map.settle(map.take({ maxPaths: 1 }), new Set(["i"]));
  expect([...map.list()]).toMatchObject([{ path: "i", force: true, isParked: true }]);
});
