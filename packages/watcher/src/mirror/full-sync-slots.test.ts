import { expect, test } from "vitest";
import { FullSyncSlots } from "./full-sync-slots.js";

const { signal } = new AbortController();

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const result = await Promise.race([
    promise,
    new Promise((resolve) => setImmediate(resolve, "no")),
  ]);
  return result === "no";
}

test("no more than the limit of who asks; who asked first comes first", async () => {
  const slots = new FullSyncSlots();
  const first = await slots.acquire(2, signal);
  const second = await slots.acquire(2, signal);
  const third = slots.acquire(2, signal);
  const fourth = slots.acquire(1, signal);
  const fifth = await slots.acquire(3, signal);
  expect(await isPending(third)).toBe(true);
  first();
  first();
  expect(await isPending(third)).toBe(true);
  fifth();
  const release = await third;
  second();
  expect(await isPending(fourth)).toBe(true);
  release();
  (await fourth)();
  await slots.acquire(1, signal);
});

test("who gives up waiting takes nobody's place", async () => {
  const slots = new FullSyncSlots();
  const release = await slots.acquire(1, signal);
  const abort = new AbortController();
  const given = slots.acquire(1, abort.signal);
  const next = slots.acquire(1, signal);
  abort.abort(new Error("closed"));
  await expect(given).rejects.toThrow("closed");
  release();
  await next;
});
