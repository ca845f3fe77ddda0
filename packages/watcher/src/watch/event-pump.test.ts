import fc from "fast-check";
import { expect, test } from "vitest";
import { IN_CREATE, IN_MOVED_FROM, IN_MOVED_TO } from "../inotify/flags.js";
import type { ReaderBatch } from "../inotify/reader-messages.js";
import { EventPump } from "./event-pump.js";

interface KernelEvent {
  mask: number;
  cookie: number;
}

/** The kernel's queues and the reader, in one. */
class FakeInstances {
  readonly queues: KernelEvent[][];
  readonly taken: { shard: number; mask: number; cookie: number }[] = [];
  readonly pump: EventPump;
  readonly #awaited = new Set<number>();
  drains = 0;

  /** `hidden`: first halves with these cookies are not waited for, as those of hidden names. */
  constructor(shards: number, hidden: ReadonlySet<number> = new Set()) {
    this.queues = Array.from({ length: shards }, () => []);
    this.pump = new EventPump({
      batch: () => {},
      settle: () => {},
      event: (shard, _watch, mask, cookie) => {
        this.taken.push({ shard, mask, cookie });
        if (mask === IN_MOVED_FROM && !hidden.has(cookie)) this.#awaited.add(cookie);
        if (mask === IN_MOVED_TO) this.#awaited.delete(cookie);
      },
      isAwaited: (cookie) => this.#awaited.has(cookie),
      drain: async () => {
        this.drains++;
        await new Promise((resolve) => setImmediate(resolve));
        for (let shard = 0; shard < shards; shard++) this.read(shard, Number.POSITIVE_INFINITY);
      },
    });
    this.pump.split();
  }

  happens(shard: number, mask: number, cookie = 0): void {
    this.queues[shard]!.push({ mask, cookie });
  }

  rename(from: number, to: number, cookie: number): void {
    this.happens(from, IN_MOVED_FROM, cookie);
    this.happens(to, IN_MOVED_TO, cookie);
  }

  read(shard: number, count: number): void {
    const events = this.queues[shard]!.splice(0, count);
    if (events.length > 0) this.pump.push(shard, batchOf(events));
  }
}

function batchOf(events: readonly KernelEvent[]): ReaderBatch {
  const bytes = new Uint8Array(events.length * 16);
  const view = new DataView(bytes.buffer);
  events.forEach(({ mask, cookie }, index) => {
    view.setInt32(index * 16, 1, true);
    view.setUint32(index * 16 + 4, mask, true);
    view.setUint32(index * 16 + 8, cookie, true);
  });
  return { kind: "events", instance: 0, bytes, since: 0, empty: { wallMs: 0, steadyMs: 0 } };
}

const STEP = fc.oneof(
  fc.record({ kind: fc.constant("create" as const), shard: fc.nat(3) }),
  fc.record({ kind: fc.constant("rename" as const), from: fc.nat(3), to: fc.nat(3) }),
  fc.record({ kind: fc.constant("hidden rename" as const), from: fc.nat(3), to: fc.nat(3) }),
  fc.record({ kind: fc.constant("from outside" as const), shard: fc.nat(3) }),
  fc.record({ kind: fc.constant("to outside" as const), shard: fc.nat(3) }),
  fc.record({ kind: fc.constant("read" as const), shard: fc.nat(3), count: fc.nat(5) }),
);

test("whatever is read when, each shard's events come in order, and nothing arrives before it left", async () => {
  const property = fc.asyncProperty(fc.array(STEP, { maxLength: 80 }), async (steps) => {
    const hidden = new Set<number>();
    const kernel = new FakeInstances(4, hidden);
    const happened: number[][] = [[], [], [], []];
    const departures = new Set<number>();
    let cookie = 1;
    for (const step of steps) {
      cookie++;
      if (step.kind === "read") kernel.read(step.shard, step.count);
      else if (step.kind === "create") kernel.happens(step.shard, IN_CREATE, 0);
      else if (step.kind === "from outside") kernel.happens(step.shard, IN_MOVED_TO, cookie);
      else if (step.kind === "to outside") kernel.happens(step.shard, IN_MOVED_FROM, cookie);
      else {
        if (step.kind === "hidden rename") hidden.add(cookie);
        departures.add(cookie);
        kernel.rename(step.from, step.to, cookie);
      }
      if (step.kind === "read") continue;
      const first = "from" in step ? step.from : step.shard;
      happened[first]!.push(cookie);
      if ("to" in step) happened[step.to]!.push(cookie);
    }
    for (let shard = 3; shard >= 0; shard--) kernel.read(shard, Number.POSITIVE_INFINITY);
    await kernel.pump.idle();
    for (let shard = 0; shard < 4; shard++) {
      const mine = kernel.taken.filter((one) => one.shard === shard);
      expect(mine).toHaveLength(happened[shard]!.length);
      const known = happened[shard]!;
      mine.forEach((one, index) => {
        if (one.cookie !== 0) expect(one.cookie).toBe(known[index]);
      });
    }
    const left = new Set<number>();
    for (const { mask, cookie: one } of kernel.taken) {
      if (mask === IN_MOVED_FROM) left.add(one);
      else if (mask === IN_MOVED_TO && departures.has(one)) expect(left.has(one)).toBe(true);
    }
  });
  await fc.assert(property, { numRuns: 200 });
});

test("a second half that is read first waits, and what comes behind it; others go on", async () => {
  const kernel = new FakeInstances(3);
  kernel.rename(1, 0, 7);
  kernel.happens(0, IN_CREATE);
  kernel.happens(2, IN_CREATE);
  kernel.read(0, 9);
  kernel.read(2, 9);
  expect(kernel.taken.map(({ shard }) => shard)).toEqual([2]);
  expect(kernel.pump.isArriving(7)).toBe(true);
  kernel.read(1, 9);
  expect(kernel.taken.map(({ shard }) => shard)).toEqual([2, 1, 0, 0]);
  expect(kernel.pump.isArriving(7)).toBe(false);
  await kernel.pump.idle();
});

test("renames inside one shard ask nobody", async () => {
  const kernel = new FakeInstances(2);
  for (let cookie = 1; cookie < 100; cookie++) kernel.rename(0, 0, cookie);
  kernel.read(0, 1000);
  await kernel.pump.idle();
  expect(kernel.taken).toHaveLength(198);
  expect(kernel.drains).toBe(0);
});

test("one look at the other queues does for all that came from outside in a batch", async () => {
  const kernel = new FakeInstances(2);
  for (let cookie = 1; cookie < 100; cookie++) kernel.happens(0, IN_MOVED_TO, cookie);
  kernel.read(0, 1000);
  expect(kernel.taken).toHaveLength(0);
  await kernel.pump.idle();
  expect(kernel.taken).toHaveLength(99);
  expect(kernel.drains).toBe(1);
});
