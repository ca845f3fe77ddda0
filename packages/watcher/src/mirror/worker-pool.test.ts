import { expect, test } from "vitest";
import { WorkerPool } from "./worker-pool.js";

const { signal } = new AbortController();

test("no more pushes run than there are workers; targets that work come first", async () => {
  const pool = new WorkerPool(1);
  const release = await pool.acquire(false, signal);
  const order: string[] = [];
  const failing = Promise.resolve(pool.acquire(true, signal)).then((done) => {
    order.push("failing");
    return done;
  });
  const healthy = Promise.resolve(pool.acquire(false, signal)).then((done) => {
    order.push("healthy");
    return done;
  });
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  release();
  (await healthy)();
  (await failing)();
  expect(order).toEqual(["healthy", "failing"]);
});

test("a pool that shrinks waits until workers come back", async () => {
  const pool = new WorkerPool(2);
  const first = await pool.acquire(false, signal);
  const second = await pool.acquire(false, signal);
  pool.resize(-1);
  let started = false;
  const third = Promise.resolve(pool.acquire(false, signal)).then(() => {
    started = true;
  });
  first();
  await new Promise(setImmediate);
  expect(started).toBe(false);
  second();
  await third;
  expect(started).toBe(true);
});

test("who does not want a worker any more waits for none, and takes none", async () => {
  const pool = new WorkerPool(1);
  const release = await pool.acquire(false, signal);
  const leaving = new AbortController();
  const left = Promise.resolve(pool.acquire(false, leaving.signal));
  leaving.abort();
  (await left)();
  release();
  (await pool.acquire(false, signal))();
  expect(pool.acquire(false, signal)).toBeInstanceOf(Function);
});
