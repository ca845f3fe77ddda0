import { expect, test, vi } from "vitest";
import { openJournal } from "./journal.js";
import { startAnew } from "./level-store.js";
import { TestStore } from "./testing-store.js";

const store = new TestStore();
vi.mock("./level-store.js", async (original) => ({
  ...(await original<typeof import("./level-store.js")>()),
  openLevelStore: () => Promise.resolve({ store, damage: null }),
  startAnew: vi.fn(() => Promise.resolve(new TestStore())),
}));

test("a journal that can be read is not put aside because the disk is full when it is opened", async () => {
  store.isFull = true;
  const warnings: string[] = [];
  await expect(
    openJournal("/state", { warn: (text) => warnings.push(text) }),
  ).rejects.toMatchObject({
    name: "StateDirectoryError",
    code: "unusable",
    message: "the state directory /state cannot be used: No space left on device",
  });
  expect(startAnew).not.toHaveBeenCalled();
  expect(warnings).toEqual([]);
});
