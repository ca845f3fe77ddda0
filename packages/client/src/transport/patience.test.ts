import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Patience } from "./patience.js";

const [A, B] = [{}, {}];

it("one peer is waited for, a few milliseconds at a time", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  expect(patience.wait(0)).toBe(10);
  expect(patience.wait(22)).toBe(3);
  await turn();
});

it("after a while it is everybody else's turn, even when the answer is there", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  expect(patience.wait(0)).toBe(10);
  expect(patience.wait(25)).toBe(null);
  expect(patience.wait(26)).toBe(null);
  await turn();
  expect(patience.wait(27)).toBe(10);
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
  expect(patience.wait(450)).toBe(10);
  await turn();
});

it("who was waited for in vain is not for a while, longer each time", async () => {
  const patience = new Patience();
  patience.begins(A, 0);
  const isWaitedFor = async (now: number) => {
    await turn();
    return patience.wait(now) === 10;
  };
  patience.inVain(0);
  patience.begins(A, 20);
  expect(await isWaitedFor(24)).toBe(false);
  expect(await isWaitedFor(25)).toBe(true);
  patience.inVain(25);
  expect(await isWaitedFor(74)).toBe(false);
  expect(await isWaitedFor(75)).toBe(true);
  patience.rewarded();
  patience.inVain(100);
  expect(await isWaitedFor(125)).toBe(true);
  await turn();
});
