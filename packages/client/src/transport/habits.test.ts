import { expect, it } from "vitest";
import { Habits } from "./habits.js";

it("what a peer said twice after one of our turns is expected again, the smaller amount of two", () => {
  const habits = new Habits();
  expect(habits.expected(0)).toBe(0);
  habits.learn([53, 50, 27]);
  expect(habits.expected(0)).toBe(0);
  habits.learn([53, 50, 81, 14]);
  expect([0, 1, 2, 3, 4].map((turn) => habits.expected(turn))).toEqual([53, 50, 27, 0, 0]);
  habits.learn([53]);
  expect(habits.expected(1)).toBe(0);
});

it("a peer that broke with its habits has none until it was met twice again", () => {
  const habits = new Habits();
  habits.learn([10]);
  habits.learn([10]);
  habits.forget();
  expect(habits.expected(0)).toBe(0);
  habits.learn([12]);
  expect(habits.expected(0)).toBe(0);
  habits.learn([12]);
  expect(habits.expected(0)).toBe(12);
});
