import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Patience } from "./patience.js";

const [A, B] = [{}, {}];

it("one peer is waited for, a few milliseconds at a time", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  expect(patience.wait(0)).toBe(5);
  expect(patience.wait(7)).toBe(3);
  await turn();
});

it("after a while it is everybody else's turn, even when the answer is there", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  expect(patience.wait(0)).toBe(5);
  expect(patience.wait(10)).toBe(null);
  expect(patience.wait(11)).toBe(null);
  await turn();
  expect(patience.wait(12)).toBe(5);
  await turn();
});

it("nobody is waited for while two are talked with", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  patience.begins(B, 100);
  expect(patience.wait(100)).toBe(0);
  patience.begins(A, 200);
  await turn();
  expect(patience.wait(449)).toBe(0);
  await turn();
  expect(patience.wait(450)).toBe(5);
  await turn();
});

it("who was waited for in vain is not for a while, longer each time", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  const isWaitedFor = async (now: number) => {
    await turn();
    return patience.wait(now) === 5;
  };
  patience.inVain(0);
  patience.begins(A, 200);
  expect(await isWaitedFor(249)).toBe(false);
  expect(await isWaitedFor(250)).toBe(true);
  patience.inVain(250);
  expect(await isWaitedFor(749)).toBe(false);
  expect(await isWaitedFor(750)).toBe(true);
  patience.rewarded();
  patience.inVain(1000);
  expect(await isWaitedFor(1250)).toBe(true);
  await turn();
});
