/**
 * Plans against a model of source and target: whatever is done to the source, in whatever portions and with whatever failures
 * it is pushed, the target ends up equal.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPathFilter } from "../filter/path-filter.js";
import { DirtyMap } from "../state/dirty-map.js";
import { Ledger } from "../state/ledger.js";
import { type Mark, Reach } from "../state/mark.js";
import type { TakeLimits } from "../state/take-marks.js";
import { isWithin, parentOf } from "../state/tree-paths.js";
import { type PlannedPush, planPush } from "./plan-push.js";
import { type Kind, ModelTree } from "./testing-tree.js";

const NAMES = ["a", "b", "hidden"];
const path = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 })
  .map((names) => names.join("/"));

type Step =
  | { do: "put"; path: string; kind: Kind }
  | { do: "remove"; item: number }
  | { do: "move"; item: number; to: string }
  | { do: "settle" }
  | { do: "push"; limits: TakeLimits & { items: number }; failing: string[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      path,
      kind: fc.constantFrom<Kind>("file", "file", "directory", "link"),
    }),
  },
  fc.record({ do: fc.constant("remove" as const), item: fc.nat() }),
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("move" as const), item: fc.nat(), to: path }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("settle" as const) }) },
  fc.record({
    do: fc.constant("push" as const),
    limits: fc.record({
      maxPaths: fc.integer({ min: 1, max: 5 }),
      items: fc.integer({ min: 1, max: 6 }),
    }),
    failing: fc.uniqueArray(path, { maxLength: 2 }),
  }),
);

const filter = createPathFilter({
  rules: ["- hidden"],
  excludeRegex: [],
  tempFiles: "none",
  protect: [],
});
const isHidden = (each: string) => each.split("/").includes("hidden");

class World {
  readonly source = new ModelTree();
  readonly target = new ModelTree();
  readonly ledger: Ledger;
  linked = 0;
  #version = 1;

  constructor() {
    const dirty = new DirtyMap();
    const store = { sequence: 0, dirtyMap: () => dirty, marked: () => {}, changed: () => {} };
    this.ledger = new Ledger(store, ["one"]);
  }

  get books() {
    return this.ledger.target("one");
  }

  mark(...marks: (Mark | string)[]): void {
    for (const mark of marks) {
      this.ledger.mark([typeof mark === "string" ? { path: mark, reach: Reach.Item } : mark]);
    }
  }

  put(at: string, kind: Kind): void {
    const { source } = this;
    if (!source.isDirectory(parentOf(at))) return;
    source.put(at, kind, this.#version++);
    this.mark(kind === "directory" ? { path: at, reach: Reach.Tree } : at, parentOf(at));
  }

  /** One of the items that are there. */
  pick(item: number): string {
    const paths = [...this.source.items.keys()];
    return paths[item % paths.length] ?? "";
  }

  remove(at: string): void {
    if (at === "") return;
    this.source.remove(at);
    this.mark(at, parentOf(at));
  }

  move(from: string, to: string): void {
    const { source } = this;
    if (from === "" || !source.isDirectory(parentOf(to))) return;
    if (isWithin(to, from) || isWithin(from, to)) return;
    const isDirectory = source.isDirectory(from);
    // As rename(2): a directory only replaces an empty one, another item no directory.
    if (source.items.has(to) && isDirectory !== source.isDirectory(to)) return;
    if (isDirectory && source.below(to).length > 0) return;
    source.move(from, to);
    // All that targets have below the name of a directory is in question when it goes: see RenameTranslator.
    this.mark({ path: from, reach: isDirectory ? Reach.Reconcile : Reach.Item });
    this.mark({ path: to, reach: isDirectory ? Reach.Tree : Reach.Item });
    this.mark(parentOf(from), parentOf(to));
    this.ledger.renamed({ from, to, isDirectory });
  }

  /** Pushes everything. */
  async settle(): Promise<void> {
    this.books.unpark();
    for (let turn = 0; this.books.dirty.size > 0; turn++) {
      expect(turn).toBeLessThan(200);
      await this.push(4, 4, []);
    }
  }

  /** One push; what is in `failing` does not arrive. */
  async push(maxPaths: number, items: number, failing: readonly string[]): Promise<PlannedPush> {
    const planned = await planPush({
      taken: this.books.take({ maxPaths }),
      tree: this.source,
      filter,
      renames: this.books.renames(),
      capabilities: { deletes: true, hardLinks: true, renameOptions: [] },
      deletesNow: true,
      deletesWanted: true,
      maxPaths: items,
      maxBytes: 1e9,
      oneFileSystem: true,
      saw: () => {},
    });
    const failed = this.apply(planned, new Set(failing));
    this.books.settle(planned.covered, planned.failedMarks(failed), undefined, planned.rest);
    for (const each of planned.reconciles.entries) this.reconcile(each.path);
    this.books.settle(planned.reconciles);
    return planned;
  }

  apply({ plan }: PlannedPush, failing: ReadonlySet<string>): Set<string> {
    const failed = new Set<string>();
    for (const { from } of plan.links) {
      expect(plan.deletes.some((top) => isWithin(from, top))).toBe(false);
      if (this.target.items.has(from)) this.linked++;
    }
    for (const each of [...plan.items].sort((one, other) => (one < other ? -1 : 1))) {
      expect(isHidden(each)).toBe(false);
      const item = this.source.items.get(each)!;
      const isFailing = failing.has(each) || !this.target.isDirectory(parentOf(each));
      // Parents are always part of the plan: without failures none can be missing.
      if (failing.size === 0) expect([each, isFailing && each !== ""]).toEqual([each, false]);
      if (isFailing && each !== "") failed.add(each);
      else this.target.put(each, item.kind, item.version);
    }
    for (const each of plan.deletes) {
      expect([each, this.source.items.has(each)]).toEqual([each, false]);
      if (failing.has(each)) failed.add(each);
      else this.target.remove(each);
    }
    return failed;
  }

  /** As the engine does it: with the directories on the way, and the deletes planned by ourselves. */
  reconcile(top: string): void {
    for (let up = top; ; up = parentOf(up)) {
      const { kind, version } = this.source.items.get(up)!;
      if (up === top) this.target.remove(up);
      if (!this.target.isDirectory(up)) this.target.put(up, kind, version);
      if (up === "") break;
    }
    for (const each of [top, ...this.source.below(top)].sort()) {
      const { kind, version } = this.source.items.get(each)!;
      if (!isHidden(each)) this.target.put(each, kind, version);
    }
  }

  visible(): Record<string, string> {
    const contents = Object.entries(this.source.contents());
    return Object.fromEntries(contents.filter(([each]) => !isHidden(each)));
  }
}

let linked = 0;

async function play(steps: readonly Step[]): Promise<void> {
  const world = new World();
  for (const each of steps) {
    if (each.do === "put") world.put(each.path, each.kind);
    else if (each.do === "remove") world.remove(world.pick(each.item));
    else if (each.do === "move") world.move(world.pick(each.item), each.to);
    else if (each.do === "settle") await world.settle();
    else await world.push(each.limits.maxPaths, each.limits.items, each.failing);
  }
  await world.settle();
  expect(world.target.contents()).toEqual(world.visible());
  linked += world.linked;
}

test("the target becomes equal to the source", async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), play), {
    numRuns: 600,
  });
  // Renames are often enough pushed as such for this to mean something.
  expect(linked).toBeGreaterThan(0);
});
