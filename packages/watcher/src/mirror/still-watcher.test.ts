import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RootSettings } from "../config/settings.js";
import { createMemoryJournal } from "../journal/memory-journal.js";
import { TargetClient } from "../target/target-client.js";
import { Mirror } from "./mirror.js";
import { rootOpener } from "./open-root.js";
import { rootSettings, targetSettings, watchSettings } from "./testing-settings.js";
import { DirectoryTarget } from "./testing-target.js";

vi.mock("../target/target-client.js", () => ({ TargetClient: vi.fn() }));

let work: string;
let mirror: Mirror | null = null;

beforeEach(() => {
  work = mkdtempSync(`${tmpdir()}/tsrsync-still-`);
  for (const name of ["source", "target"]) mkdirSync(`${work}/${name}`);
  writeFileSync(`${work}/source/file`, "x");
  vi.mocked(TargetClient).mockImplementation(
    () => new DirectoryTarget(`${work}/source`, `${work}/target`) as unknown as TargetClient,
  );
});

afterEach(async () => {
  await mirror?.close();
  rmSync(work, { recursive: true, force: true });
});

/** A mirror of a root that is not watched, after its first full sync. */
async function start(guard: Partial<RootSettings["guard"]> = {}): Promise<Mirror> {
  const target = targetSettings("one");
  const root = rootSettings(`${work}/source`, [
    { ...target, delete: { ...target.delete, maxPercent: 30 } },
  ]);
  const still = {
    ...root,
    live: { ...root.live, enabled: false },
    guard: { ...root.guard, ...guard },
  };
  const services = { journal: createMemoryJournal(), beforeFullSync: () => Promise.resolve() };
  mirror = new Mirror(watchSettings([still]), {
    journal: services.journal,
    openRoot: rootOpener(services),
    loadSettings: () => Promise.resolve(watchSettings([still])),
  });
  await mirror.start();
  expect((await mirror.flush({ timeoutMs: 5000 })).reached).toBe(true);
  expect(readdirSync(`${work}/target`)).toContain("file");
  return mirror;
}

async function refusedSync(running: Mirror): Promise<string> {
  await running.fullSync();
  const { reached, targets } = await running.flush({ timeoutMs: 300 });
  expect(reached).toBe(false);
  expect(readdirSync(`${work}/target`)).toContain("file");
  return targets[0]!.reason;
}

test("a root that was replaced empties no target", async () => {
  const running = await start();
  renameSync(`${work}/source`, `${work}/unmounted`);
  mkdirSync(`${work}/source`);
  expect(await refusedSync(running)).toMatch(/another directory/);
  rmSync(`${work}/source`, { recursive: true });
  renameSync(`${work}/unmounted`, `${work}/source`);
  await running.retry();
  expect((await running.flush({ timeoutMs: 5000 })).reached).toBe(true);
});

test("a root that was emptied empties no target until somebody says that this is meant", async () => {
  const running = await start();
  rmSync(`${work}/source/file`);
  expect(await refusedSync(running)).toMatch(/suddenly empty/);
  await running.resume("root");
  await running.retry();
  expect((await running.flush({ timeoutMs: 5000 })).reached).toBe(true);
  expect(readdirSync(`${work}/target`)).toEqual([]);
});

test("a root without its marker empties no target", async () => {
  writeFileSync(`${work}/source/.marker`, "");
  const running = await start({ marker: ".marker" });
  for (const name of ["file", ".marker"]) rmSync(`${work}/source/${name}`);
  writeFileSync(`${work}/source/other`, "");
  expect(await refusedSync(running)).toMatch(/marker is not there/);
});

test("too large a part of a root that went is held back, though nobody has counted its entries", async () => {
  for (let i = 0; i < 300; i++) writeFileSync(`${work}/source/${i}`, "");
  const running = await start();
  for (let i = 0; i < 150; i++) rmSync(`${work}/source/${i}`);
  await running.fullSync();
  await vi.waitFor(
    () => expect(running.status().roots[0]!.targets[0]!.heldDeletes).toBe(150),
    5000,
  );
  expect(readdirSync(`${work}/target`)).toHaveLength(301);
  await running.release();
  expect((await running.flush({ timeoutMs: 5000 })).reached).toBe(true);
  expect(readdirSync(`${work}/target`)).toHaveLength(151);
});
