/**
 * The guarantee of spec 6, 3.3 and 4.2, against a model: what was marked and has not arrived is dirty, whatever the order of
 * marks, pushes, failures and crashes.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { DirtyMap } from "../state/dirty-map.js";
import { Ledger } from "../state/ledger.js";
import { type Mark, Reach } from "../state/mark.js";
import type { Taken } from "../state/take-marks.js";
import { isWithin } from "../state/tree-paths.js";
import { openJournalIn } from "./journal.js";
import { TestStore } from "./testing-store.js";
import type { RootJournal } from "./types.js";

const TARGET = "one";
const PATHS = ["", "a", "a/b", "a/b/c", "a/d", "e", "e/f", "e/g/h", "i"];

type Command =
  | { kind: "mark"; path: string; reach: Reach; force: boolean }
  | { kind: "take"; maxPaths: number; withRoot: boolean }
  | { kind: "settle"; failed: string[]; rest: string[] }
  | { kind: "unpark" | "commit" | "store" | "crash" | "full" | "space" };

const path = fc.constantFrom(...PATHS);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("mark" as const),
      path,
      reach: fc.constantFrom<Reach>(Reach.Item, Reach.Item, Reach.Tree, Reach.Reconcile),
      force: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      maxPaths: fc.integer({ min: 1, max: 12 }),
      withRoot: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      failed: fc.uniqueArray(path, { maxLength: 2 }),
      rest: fc.uniqueArray(path, { maxLength: 1 }),
    }),
  },
  fc.record({ kind: fc.constantFrom("unpark" as const, "commit" as const, "crash" as const) }),
  fc.record({ kind: fc.constant("store" as const) }),
  fc.record({ kind: fc.constantFrom("full" as const, "space" as const) }),
);

/** What is missing in the target: paths with the marks that did not arrive. */
type Missing = Map<string, { sequence: number; force: boolean }[]>;

class Run {
  store = new TestStore();
  journal!: RootJournal;
  ledger!: Ledger;
  missing: Missing = new Map();
  /** What was missing when the journal was written last, and still is. */
  written = new Set<string>();
  taken: Taken | null = null;
  /** What is marked is kept in memory until the disk has room. */
  isFailing = false;

  async open(): Promise<void> {
    this.isFailing = false;
    const journal = await openJournalIn(this.store, (text) => {
      this.isFailing = !text.includes("again");
    });
    this.journal = await journal.root("r", "/", [TARGET], "off");
    this.ledger = new Ledger(this.journal, [TARGET]);
    this.taken = null;
  }

  get dirty() {
    return this.ledger.target(TARGET).dirty;
  }

  async apply(step: Command): Promise<void> {
    const target = this.ledger.target(TARGET);
    if (step.kind === "mark") this.mark(step);
    else if (step.kind === "take") this.taken = target.take(step);
    else if (step.kind === "settle") this.settle(step.failed, step.rest);
    else if (step.kind === "unpark") target.unpark();
    else if (step.kind === "commit") await this.commit();
    else if (step.kind === "store") await this.put();
    else if (step.kind === "crash") await this.crash();
    else this.store.isFull = step.kind === "full";
    this.check(this.missing.keys());
  }

  mark(mark: Mark): void {
    this.ledger.mark([mark]);
    const { path, force = false } = mark;
    const marks = this.missing.get(path) ?? [];
    this.missing.set(path, [...marks, { sequence: this.ledger.sequence, force }]);
  }

  settle(failedPaths: readonly string[], restPaths: readonly string[]): void {
    const { taken } = this;
    if (taken === null) return;
    const failed = new Set(failedPaths);
    const rest = restPaths
      .filter((path) => taken.entries.some((each) => isWithin(path, each.path)))
      .map((path) => ({ path, reach: Reach.Tree, force: this.isForced(path) }));
    this.ledger.target(TARGET).settle(taken, failed, undefined, rest);
    for (const [path, marks] of [...this.missing]) {
      if (failed.has(path) || rest.some((each) => path === each.path)) continue;
      const sent = taken.entries.filter((each) => !failed.has(each.path));
      const asItem = sent.some((each) => each.path === path);
      const tops = sent.filter(
        (each) => each.reach === Reach.Reconcile && isWithin(path, each.path),
      );
      const isCovered = (force: boolean) => tops.some((each) => !force || each.force === true);
      const left = marks.filter(
        ({ sequence, force }) => sequence > taken.bound || !(asItem || isCovered(force)),
      );
      this.setMissing(path, left);
    }
    for (const path of failed) {
      this.missing.set(path, this.missing.get(path) ?? [{ sequence: 0, force: false }]);
    }
    this.taken = null;
  }

  isForced(path: string): boolean {
    return this.missing.get(path)?.some(({ force }) => force) === true;
  }

  setMissing(path: string, marks: { sequence: number; force: boolean }[]): void {
    if (marks.length > 0) this.missing.set(path, marks);
    else {
      this.missing.delete(path);
      this.written.delete(path);
    }
  }

  async commit(): Promise<void> {
    await this.journal.commit();
    // After a failure the journal waits before it tries again; nothing was promised then.
    if (!this.isFailing) this.written = new Set(this.missing.keys());
  }

  /** The store takes over what is in the log; whatever a process finds that is started meanwhile has all that was committed. */
  async put(): Promise<void> {
    const copies: TestStore[] = [];
    this.store.onWrite = () => copies.push(this.store.copy());
    for await (const _ of this.journal.snapshot.entries()) {
      // There are none; asking for them is what it takes.
    }
    this.store.onWrite = null;
    for (const copy of copies) {
      const other = new Run();
      other.store = copy;
      await other.open();
      other.check(this.written);
    }
  }

  async crash(): Promise<void> {
    this.store = this.store.copy();
    await this.open();
    this.check(this.written);
    // What was not written is found by a walk, which is another story.
    const restored = [...this.dirty.list()];
    for (const path of [...this.missing.keys()]) {
      const force = restored.some((each) => each.path === path && each.force);
      const sequence = this.ledger.sequence;
      this.setMissing(path, this.isDirty(path) ? [{ sequence, force }] : []);
    }
  }

  isDirty(path: string): boolean {
    for (const record of this.dirty.list()) {
      if (record.path === path) return true;
      if (record.reach === Reach.Reconcile && isWithin(path, record.path)) return true;
    }
    return false;
  }

  check(paths: Iterable<string>): void {
    const lost = [...paths].filter((path) => !this.isDirty(path));
    expect(lost).toEqual([]);
  }
}

test("the same holds when full directories are put together", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 60, size: "max" }), async (commands) => {
      const run = new Run();
      const dirty = new DirtyMap({ maxPaths: 4 });
      run.ledger = new Ledger(
        { sequence: 0, dirtyMap: () => dirty, marked: () => {}, changed: () => {} },
        [TARGET],
      );
      for (const each of commands) {
        if (!["commit", "store", "crash"].includes(each.kind)) await run.apply(each);
        expect(dirty.size).toBeLessThanOrEqual(4 + 1);
      }
    }),
    { numRuns: 400 },
  );
});

test("nothing that was marked and did not arrive is ever missing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 40, size: "max" }), async (commands) => {
      const run = new Run();
      await run.open();
      for (const each of commands) await run.apply(each);
      run.store.isFull = false;
      for (let turn = 0; run.dirty.size > 0; turn++) {
        expect(turn).toBeLessThan(100);
        run.ledger.target(TARGET).unpark();
        run.taken = run.ledger.target(TARGET).take({ maxPaths: 3 });
        run.settle([], []);
      }
      expect([...run.missing.keys()]).toEqual([]);
      await run.journal.close();
    }),
    { numRuns: 400 },
  );
});
