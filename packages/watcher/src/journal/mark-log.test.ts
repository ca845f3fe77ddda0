import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Ledger } from "../state/ledger.js";
import { type Mark, Reach } from "../state/mark.js";
import { openJournalIn } from "./journal.js";
import { decodeLines, encodeLine, type LoggedMarks } from "./log-lines.js";
import { openMarkLog } from "./mark-log.js";
import { TestStore } from "./testing-store.js";

const item = (path: string): Mark => ({ path, reach: Reach.Item });
const names = ["one", "two"];

async function openIn(store: TestStore) {
  const journal = await openJournalIn(store, () => {});
  const stored = await journal.root("r", "/", names, "all");
  await stored.commit();
  return { journal, stored, ledger: new Ledger(stored, names) };
}

/** What a process finds that is started when this one was killed. */
async function afterKill(store: TestStore) {
  const { stored, ledger } = await openIn(store.copy());
  const entries: string[] = [];
  for await (const chunk of stored.snapshot.entries()) entries.push(...chunk.map((e) => e.path));
  const [one = [], two = []] = names.map((name) =>
    [...ledger.target(name).dirty.list()].map(({ path }) => path),
  );
  return { one, two, entries, sequence: ledger.sequence, map: ledger.target("one").dirty };
}

describe("marks that the store did not get hold of", () => {
  test("are found in the log, with all that was told of them", async () => {
    const store = new TestStore();
    const { stored, ledger } = await openIn(store);
    stored.snapshot.completed();
    await stored.commit();
    const writes = store.writes;
    ledger.mark([item('a\xff\n"é'), { path: "d", reach: Reach.Tree, force: true }], undefined, 17);
    ledger.mark([item("mine")], "two");
    await stored.commit();
    expect(store.writes).toBe(writes);
    const { one, two, entries, sequence, map } = await afterKill(store);
    expect(one).toEqual(['a\xff\n"é', "d"]);
    expect(two).toEqual(['a\xff\n"é', "d", "mine"]);
    expect(entries).toEqual(['a\xff\n"é', "d", "mine"]);
    expect(sequence).toBe(3);
    expect([...map.list()][1]).toMatchObject({ reach: Reach.Tree, force: true, since: 17 });
  });

  test("are added to those that it has", async () => {
    const store = new TestStore();
    const { journal, ledger } = await openIn(store);
    ledger.mark([{ path: "d", reach: Reach.Tree }, item("a")]);
    await journal.close();
    const second = await openIn(store);
    second.ledger.mark([item("d"), item("b")]);
    await second.stored.commit();
    const { one, map } = await afterKill(store);
    expect(one.sort()).toEqual(["a", "b", "d"]);
    expect([...map.list()].find(({ path }) => path === "d")?.reach).toBe(Reach.Tree);
  });

  test("come back at most once: what was settled and stored since stays clean", async () => {
    const store = new TestStore();
    const { journal, stored, ledger } = await openIn(store);
    ledger.mark([item("a"), item("b")]);
    await stored.commit();
    const lines = store.log.read();
    for (const name of names) ledger.target(name).settle(ledger.target(name).take({ maxPaths: 9 }));
    await journal.close();
    expect(store.log.read()).toBe("");
    store.log.append(lines);
    expect((await afterKill(store)).one).toEqual([]);
  });

  test("are nobody's when their root or target is gone", async () => {
    const store = new TestStore();
    const { journal, stored, ledger } = await openIn(store);
    ledger.mark([item("a")], "two");
    await stored.commit();
    const [marks] = decodeLines(store.log.read());
    await journal.close();
    const late = { ...marks!, sequence: 99 };
    store.log.append(encodeLine([{ ...late, root: 7 }]) + encodeLine([{ ...late, target: 7 }]));
    const { one, two, sequence } = await afterKill(store);
    expect([one, two, sequence]).toEqual([[], ["a"], 99]);
  });
});

test("lines that are not whole are passed over", () => {
  const group = (path: string): LoggedMarks[] => [
    { root: 1, target: 0, sequence: 1, since: 2, marks: [item(path)] },
  ];
  const whole = encodeLine(group("a"));
  const text = `${whole.slice(0, -9)}\n${encodeLine(group("b\xe9\n"))}nonsense\n\n${whole.slice(0, -1)}`;
  expect(decodeLines(text).map(({ marks }) => marks[0]?.path)).toEqual(["b\xe9\n", "a"]);
  expect(decodeLines(whole.replace('"a"', '"b"'))).toEqual([]);
});

describe("the log's files", () => {
  let place: string;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "tsrsync-marks-"));
  });

  afterEach(() => rmSync(place, { recursive: true, force: true }));

  test("are dropped by turns, and found by the next process", async () => {
    const log = await openMarkLog(place);
    log.append("early\n");
    log.turn();
    log.append("late\xff\n");
    await log.reopen();
    expect(log.read()).toBe("early\nlate\xff\n");
    await log.drop();
    expect(log.read()).toBe("late\xff\n");
    log.turn();
    log.append("later\n");
    await log.drop();
    expect(log.read()).toBe("later\n");
    await new Promise<void>((resolve, reject) => {
      log.sync((error) => (error === null ? resolve() : reject(error)));
    });
    await log.close();
    const next = await openMarkLog(place);
    expect(next.read()).toBe("later\n");
    await next.clear();
    expect(next.read()).toBe("");
    await next.close();
    expect(readFileSync(join(place, "marks.0"), "latin1")).toBe("");
    expect(statSync(join(place, "marks.1")).mode & 0o777).toBe(0o600);
  });

  test("are not closed while they are synced", async () => {
    const log = await openMarkLog(place);
    log.append("a\n");
    const errors: (Error | null)[] = [];
    log.sync((error) => errors.push(error));
    await log.close();
    expect(errors).toEqual([null]);
  });
});
