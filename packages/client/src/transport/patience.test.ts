import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Patience } from "./patience.js";

it("one peer is waited for, a few milliseconds at a time", async () => {
  const patience = new Patience();
  patience.begins("a", 0);
  expect(patience.wait(0)).toBe(5);
  expect(patience.wait(7)).toBe(3);
  await turn();
});

it("after a while it is everybody else's turn, even when the answer is there", async () => {
  const patience = new Patience();
  patience.begins("a", 0);
  expect(patience.wait(0)).toBe(5);
  expect(patience.wait(10)).toBe(null);
  expect(patience.wait(11)).toBe(null);
  await turn();
  expect(patience.wait(12)).toBe(5);
  await turn();
});

it("nobody is waited for while two are talked with", async () => {
  const patience = new Patience();
  patience.begins("a", 0);
  patience.begins("b", 100);
  expect(patience.wait(100)).toBe(0);
  patience.begins("a", 200);
  await turn();
  expect(patience.wait(449)).toBe(0);
  await turn();
  expect(patience.wait(450)).toBe(5);
  await turn();
});

it("who was waited for in vain is not for a while", async () => {
  const patience = new Patience();
  patience.begins("a", 0);
  patience.inVain(5);
  expect(patience.wait(6)).toBe(0);
  await turn();
  patience.begins("a", 1000);
  expect(patience.wait(1000)).toBe(0);
  await turn();
  expect(patience.wait(2005)).toBe(5);
  await turn();
});
