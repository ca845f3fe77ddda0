import { expect, test } from "vitest";
import { WorkerPool } from "./worker-pool.js";

test("no more pushes run than there are workers; targets that work come first", async () => {
  const pool = new WorkerPool(1);
  const release = await pool.acquire(false);
  const order: string[] = [];
  const failing = Promise.resolve(pool.acquire(true)).then((done) => {
    order.push("failing");
    return done;
  });
  const healthy = Promise.resolve(pool.acquire(false)).then((done) => {
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
  const first = await pool.acquire(false);
  const second = await pool.acquire(false);
  pool.resize(-1);
  let started = false;
  const third = Promise.resolve(pool.acquire(false)).then(() => {
    started = true;
  });
  first();
  await new Promise(setImmediate);
  expect(started).toBe(false);
  second();
  await third;
  expect(started).toBe(true);
});
