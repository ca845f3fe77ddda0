import { expect, test } from "vitest";
import { nearestName } from "./nearest.js";

const KEYS = ["stateDir", "pidFile", "workers", "user", "maxGap", "maxWait", "fullSync"];

test.each([
  ["statedir", "stateDir"],
  ["state_dir", "stateDir"],
  ["worker", "workers"],
  ["wrokers", "workers"],
  ["maxgap", "maxGap"],
  ["fullsync", "fullSync"],
  ["usr", "user"],
])("%s is near %s", (name, expected) => expect(nearestName(name, KEYS)).toBe(expected));

test.each(["", "nothing", "x".repeat(1000), "__proto__"])("%s is near nothing", (name) =>
  expect(nearestName(name, KEYS)).toBeNull(),
);
