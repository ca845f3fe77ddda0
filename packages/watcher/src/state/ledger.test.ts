import { expect, test } from "vitest";
import { DirtyMap } from "./dirty-map.js";
import { Ledger, type LedgerStore } from "./ledger.js";
import { type Mark, Reach } from "./mark.js";

function newLedger() {
  const dirty = new DirtyMap();
  const store: LedgerStore = {
    sequence: 0,
    dirtyMap: () => dirty,
    marked: () => {},
    changed: () => {},
  };
  const ledger = new Ledger(store, ["one"]);
  return { ledger, target: ledger.target("one") };
}

const item = (path: string): Mark => ({ path, reach: Reach.Item });
const tree = (path: string): Mark => ({ path, reach: Reach.Tree });
const reconcile = (path: string): Mark => ({ path, reach: Reach.Reconcile });

test("a rename is a hint until the new name was sent", () => {
  const { ledger, target } = newLedger();
  ledger.mark([item("old"), item("new")]);
  const rename = { from: "old", to: "new", isDirectory: false };
  ledger.renamed(rename);
  expect(target.renames()).toEqual([rename]);
  target.settle(target.take({ maxPaths: 10 }));
  expect(target.renames()).toEqual([]);
});

test("a directory that left is marked with all that was in it, and is a hint", () => {
  const { ledger, target } = newLedger();
  const rename = { from: "old", to: "new", isDirectory: true };
  ledger.mark([item("new/child")]);
  ledger.mark([reconcile("old"), tree("new")]);
  ledger.renamed(rename);
  expect(target.renames()).toEqual([rename]);
});

test("a directory that moved on is still where it was first, until it was sent", () => {
  const { ledger, target } = newLedger();
  ledger.mark([reconcile("a"), tree("b")]);
  ledger.renamed({ from: "a", to: "b", isDirectory: true });
  const sent = target.take({ maxPaths: 10 });
  ledger.mark([reconcile("b"), tree("c")]);
  ledger.renamed({ from: "b", to: "c", isDirectory: true });
  expect(target.renames()).toEqual([{ from: "a", to: "c", isDirectory: true }]);
  target.settle(sent);
  expect(target.renames()).toEqual([{ from: "a", to: "c", isDirectory: true }]);
  target.settle(target.take({ maxPaths: 10 }));
  ledger.mark([reconcile("c"), tree("d")]);
  ledger.renamed({ from: "c", to: "d", isDirectory: true });
  expect(target.renames()).toEqual([{ from: "c", to: "d", isDirectory: true }]);
});

test("what the target has not got yet is no source of links", () => {
  const { ledger, target } = newLedger();
  ledger.mark([tree("d")]);
  ledger.mark([reconcile("d/sub"), tree("moved-sub"), reconcile("d"), tree("moved")]);
  ledger.renamed({ from: "d/sub", to: "moved-sub", isDirectory: true });
  ledger.renamed({ from: "d", to: "moved", isDirectory: true });
  expect(target.renames()).toEqual([]);
});

test("a new name that was compared as part of a directory is no hint any more", () => {
  const { ledger, target } = newLedger();
  ledger.mark([item("old"), item("d/new")]);
  ledger.renamed({ from: "old", to: "d/new", isDirectory: false });
  ledger.mark([{ path: "d", reach: Reach.Reconcile }]);
  const taken = target.take({ maxPaths: 10 });
  expect(taken.swallowed).toEqual(["d/new"]);
  target.settle(taken);
  expect(target.renames()).toEqual([]);
});
