import { expect, it } from "vitest";
import type { TargetRecord } from "../journal/types.js";
import type { Capabilities } from "../target/types.js";
import { KnownCapabilities } from "./known-capabilities.js";

const LEARNT: Capabilities = {
  missingArguments: true,
  deletes: true,
  hardLinks: false,
  renameOptions: ["link-dest", "fuzzy"],
  nanoseconds: true,
};

function recordOf(values: Record<string, unknown> = {}): TargetRecord {
  const kept = new Map(Object.entries(values));
  return {
    isNew: kept.size === 0,
    get: (key) => kept.get(key),
    set: (key, value) => void kept.set(key, value),
  };
}

it("what was learnt of a target is known to the next process, refusals since included", () => {
  const record = recordOf();
  const known = new KnownCapabilities(record);
  expect(known.current).toBe(null);
  known.without(["fuzzy"]);
  expect(known.current).toBe(null);
  known.learn(LEARNT);
  known.without(["link-dest", "copy-dest"]);
  const left = { ...LEARNT, renameOptions: ["fuzzy"] };
  expect(known.current).toEqual(left);
  known.forget();
  expect(known.current).toBe(null);
  expect(new KnownCapabilities(record).current).toEqual(left);
});

it("a record of an older version is asked for again", () => {
  const { renameOptions: _, ...old } = LEARNT;
  expect(new KnownCapabilities(recordOf({ capabilities: old })).current).toBe(null);
});
