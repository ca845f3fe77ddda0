import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Ledger } from "../state/ledger.js";
import { Reach } from "../state/mark.js";
import { openJournalIn } from "./journal.js";
import { TestStore } from "./testing-store.js";

const item = (path: string) => ({ path, reach: Reach.Item });
const entry = (path: string) => ({ path, mode: 0o100644, inode: 1n, ctimeNs: 5n });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

async function openIn(store: TestStore, warnings: string[] = []) {
  const journal = await openJournalIn(store, (text) => warnings.push(text));
  const stored = await journal.root("r", "/", ["one"], "all");
  return { journal, stored, ledger: new Ledger(stored, ["one"]) };
}

/** What a process finds that is started now. */
async function found(store: TestStore) {
  const { stored, ledger } = await openIn(store.copy());
  const entries: string[] = [];
  for await (const chunk of stored.snapshot.entries()) entries.push(...chunk.map((e) => e.path));
  const dirty = [...ledger.target("one").dirty.list()].map(({ path }) => path);
  return { dirty, entries, value: stored.target("one").get("key") };
}

test("a full disk is told once; what it kept from the journal is in it when there is room again", async () => {
  const store = new TestStore();
  const warnings: string[] = [];
  const { stored, ledger } = await openIn(store, warnings);
  ledger.mark([item("early"), item("settled")]);
  await stored.commit();
  store.isFull = true;
  ledger.mark([item("late")]);
  ledger.target("one").settle(ledger.target("one").take({ maxPaths: 2 }), new Set(["early"]));
  stored.snapshot.saw(entry("seen"));
  stored.snapshot.lost("early");
  stored.target("one").set("key", 7);
  await stored.commit();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/No space left/);
  expect((await found(store)).dirty.sort()).toEqual(["early", "settled"]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(warnings).toHaveLength(1);
  store.isFull = false;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(warnings).toHaveLength(2);
  const { dirty, entries, value } = await found(store);
  expect(dirty.sort()).toEqual(["early", "late"]);
  expect(entries).toEqual(["late", "seen", "settled"]);
  expect(value).toBe(7);
});

test("marks are logged together, synced every tenth of a second and stored every second, and silence costs nothing", async () => {
  const store = new TestStore();
  const { stored, ledger } = await openIn(store);
  await vi.advanceTimersByTimeAsync(10_000);
  const { writes } = store;
  const { appended, syncs } = store.log;
  expect(vi.getTimerCount()).toBe(0);
  for (let turn = 0; turn < 100; turn++) {
    ledger.mark([item(`p${turn}`)]);
    if (turn % 10 === 0) await stored.commit();
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(200);
  expect(store.log.appended - appended).toBeLessThanOrEqual(24);
  expect(store.log.syncs - syncs).toBeLessThanOrEqual(13);
  expect(store.log.syncs - syncs).toBeGreaterThanOrEqual(9);
  expect(store.writes - writes).toBe(1);
  expect((await found(store)).dirty).toHaveLength(100);
});

test("a mark that no push waits for is safe after a tenth of a second, and after two if the power fails", async () => {
  const store = new TestStore();
  const { ledger } = await openIn(store);
  await vi.advanceTimersByTimeAsync(10_000);
  const { syncs } = store.log;
  ledger.mark([item("a")]);
  await vi.advanceTimersByTimeAsync(99);
  ledger.mark([item("b")]);
  expect((await found(store)).dirty).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect((await found(store)).dirty).toEqual(["a", "b"]);
  ledger.mark([item("c")]);
  await vi.advanceTimersByTimeAsync(100);
  expect((await found(store)).dirty).toEqual(["a", "b", "c"]);
  expect(store.log.syncs - syncs).toBe(2);
  expect(vi.getTimerCount()).toBeGreaterThan(0);
});

test("a disk that keeps a line waiting is left to the store's threads for a while", async () => {
  const store = new TestStore();
  const { stored, ledger } = await openIn(store);
  await vi.advanceTimersByTimeAsync(10_000);
  store.log.onAppend = () => vi.advanceTimersByTime(20);
  ledger.mark([item("a")]);
  await stored.commit();
  store.log.onAppend = null;
  const { appended } = store.log;
  const { writes } = store;
  ledger.mark([item("b")]);
  await stored.commit();
  expect([store.log.appended, store.writes]).toEqual([appended, writes + 1]);
  expect((await found(store)).dirty).toEqual(["a", "b"]);
  const { syncs } = store;
  ledger.mark([item("c")]);
  await vi.advanceTimersByTimeAsync(100);
  expect(store.syncs).toBe(syncs + 1);
  expect((await found(store)).dirty).toEqual(["a", "b", "c"]);
  await vi.advanceTimersByTimeAsync(30_000);
  ledger.mark([item("d")]);
  await stored.commit();
  expect(store.log.appended).toBe(appended + 1);
});

test("values of a target, and what a walk saw, are in the store before a push that was committed", async () => {
  const store = new TestStore();
  const { stored, ledger } = await openIn(store);
  await stored.commit();
  ledger.mark([item("a")]);
  stored.target("one").set("key", 7);
  await stored.commit();
  expect((await found(store)).value).toBe(7);
  const { syncs } = store;
  stored.snapshot.saw(entry("seen"));
  await stored.commit();
  expect((await found(store)).entries).toEqual(["a", "seen"]);
  // The push does not wait for the disk.
  expect(store.syncs).toBe(syncs);
  await vi.advanceTimersByTimeAsync(100);
  expect(store.syncs).toBe(syncs + 1);
  const { writes } = store;
  ledger.mark([item("b")]);
  await stored.commit();
  expect(store.writes).toBe(writes);
  expect((await found(store)).dirty).toEqual(["a", "b"]);
});

test("what is marked and settled at once costs no record in the books", async () => {
  const store = new TestStore();
  const { stored, ledger } = await openIn(store);
  await stored.commit();
  const before = store.kinds.length;
  ledger.mark([item("a"), item("b")]);
  await stored.commit();
  expect(store.kinds.slice(before)).toBe("");
  await vi.advanceTimersByTimeAsync(1000);
  expect(store.kinds.slice(before)).toBe("RDDSS");
  ledger.mark([item("c"), item("d")]);
  ledger.target("one").settle(ledger.target("one").take({ maxPaths: 4 }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(store.kinds.slice(before)).toBe("RDDSS" + "RDDSS");
  ledger.mark([item("e")]);
  ledger.target("one").settle(ledger.target("one").take({ maxPaths: 4 }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(store.kinds.slice(before)).toBe("RDDSS" + "RDDSS" + "RS");
});

test("a root that is closed takes the chance to write what the full disk kept from the journal", async () => {
  const store = new TestStore();
  const { stored, ledger } = await openIn(store);
  store.isFull = true;
  ledger.mark([item("late")]);
  await stored.commit();
  store.isFull = false;
  await stored.close();
  expect((await found(store)).dirty).toEqual(["late"]);
});
