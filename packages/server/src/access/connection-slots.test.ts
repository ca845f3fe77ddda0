import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConnectionSlots, type SlotClaim } from "./connection-slots.js";

let directory = "";
let lockFile = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-slots-"));
  lockFile = join(directory, "lock");
});
afterEach(() => rmSync(directory, { recursive: true }));

const slotOf = (claim: SlotClaim) => {
  if (!claim.ok) throw new Error(claim.refusal.log);
  return claim.slot;
};

const hasKoffi = ((): boolean => {
  try {
    createRequire(import.meta.url)("koffi");
    return process.platform === "linux";
  } catch {
    return false;
  }
})();

test("a module serves as many as it may, and one more after a release", () => {
  const slots = new ConnectionSlots();
  const module = { maxConnections: 2, lockFile };
  const first = slotOf(slots.claim(module));
  slotOf(slots.claim(module));
  expect(slots.claim(module)).toEqual({
    ok: false,
    refusal: {
      log: "max connections (2) reached",
      client: "@ERROR: max connections (2) reached -- try again later",
    },
  });
  first.release();
  first.release();
  expect(slots.claim(module).ok).toBe(true);
  expect(slots.claim(module).ok).toBe(false);
});

test("modules with one lock file share its slots, even with other limits", () => {
  const slots = new ConnectionSlots();
  slotOf(slots.claim({ maxConnections: 1, lockFile }));
  expect(slots.claim({ maxConnections: 1, lockFile }).ok).toBe(false);
  expect(slots.claim({ maxConnections: 2, lockFile }).ok).toBe(true);
  expect(slots.claim({ maxConnections: 1, lockFile: join(directory, "other") }).ok).toBe(true);
});

test("without a limit no file is touched", () => {
  new ConnectionSlots().claim({ maxConnections: 0, lockFile });
  expect(readdirSync(directory)).toEqual([]);
});

test("a negative limit lets nobody in", () => {
  const claim = new ConnectionSlots().claim({ maxConnections: -1, lockFile });
  expect(claim).toMatchObject({ refusal: { log: "max connections (-1) reached" } });
});

test("without a lock file the process counts alone", () => {
  const slots = new ConnectionSlots();
  slotOf(slots.claim({ maxConnections: 1, lockFile: "" }));
  expect(slots.claim({ maxConnections: 1, lockFile: "" }).ok).toBe(false);
});

test("the file is private, and a file that can not be opened is told", () => {
  const slots = new ConnectionSlots();
  slotOf(slots.claim({ maxConnections: 1, lockFile }));
  expect(statSync(lockFile).mode & 0o777).toBe(0o600);
  const missing = join(directory, "no/lock");
  expect(slots.claim({ maxConnections: 1, lockFile: missing })).toEqual({
    ok: false,
    refusal: {
      log: `failed to open lock file ${missing}: No such file or directory (2)`,
      client: "@ERROR: failed to open lock file",
    },
  });
});

test.runIf(process.platform === "linux")("the file is closed with the last slot", () => {
  const count = () => readdirSync("/proc/self/fd").length;
  const slots = new ConnectionSlots();
  const before = count();
  const held = [1, 2].map(() => slotOf(slots.claim({ maxConnections: 2, lockFile })));
  expect(count()).toBe(before + 1);
  for (const slot of held) slot.release();
  expect(count()).toBe(before);
});

describe.runIf(hasKoffi)("with the locks of the system", () => {
  test("another daemon sees the slots that are taken, and takes them when they are free", () => {
    const [ours, theirs] = [new ConnectionSlots(), new ConnectionSlots()];
    const module = { maxConnections: 2, lockFile };
    const first = slotOf(ours.claim(module));
    const second = slotOf(theirs.claim(module));
    expect(ours.claim(module).ok).toBe(false);
    expect(theirs.claim(module).ok).toBe(false);
    first.release();
    slotOf(theirs.claim(module));
    expect(ours.claim(module).ok).toBe(false);
    second.release();
    expect(ours.claim(module).ok).toBe(true);
  });
});
