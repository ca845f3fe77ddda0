import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HookSettings, WatchSettings } from "../config/settings.js";
import { createMemoryJournal } from "../journal/memory-journal.js";
import { silentLogger } from "../log/logger.js";
import type { Mirror } from "./mirror.js";
import { openMirror } from "./open-mirror.js";
import { rootSettings, watchSettings } from "./testing-settings.js";

let work: string;
let mirror: Mirror | null = null;

beforeEach(() => {
  work = mkdtempSync(`${tmpdir()}/tsrsync-open-mirror-`);
  mkdirSync(`${work}/source`);
});

afterEach(async () => {
  await mirror?.close();
  rmSync(work, { recursive: true, force: true });
});

/** A root without targets whose hook writes down what changed, which takes it a while. */
function settings(timeout: number): WatchSettings {
  const script = `echo > ${work}/begun; sleep 0.5; printf '%s\\n' "$@" >> ${work}/told`;
  const hook: HookSettings = {
    kind: "command",
    argv: ["/bin/sh", "-c", script, "sh", "{relative}"],
    stdin: "none",
    when: "afterEvent",
    targets: [],
    match: [],
    root: null,
    batch: { max: 10, wait: 0 },
    timeout,
    retries: 0,
    ignoreError: false,
  };
  return watchSettings([{ ...rootSettings(`${work}/source`, []), hooks: [hook] }]);
}

test("what changes while the hooks of one configuration make way for those of another is told", async () => {
  mirror = openMirror(settings(5000), {
    journal: createMemoryJournal(),
    logger: silentLogger,
    loadSettings: () => Promise.resolve(settings(6000)),
  });
  await mirror.start();
  writeFileSync(`${work}/source/before`, "");
  await vi.waitFor(() => expect(existsSync(`${work}/begun`)).toBe(true), 5000);
  const reloading = mirror.reload();
  writeFileSync(`${work}/source/meanwhile`, "");
  await reloading;
  const told = () => readFileSync(`${work}/told`, "utf8").split("\n");
  await vi.waitFor(
    () => expect(told()).toEqual(expect.arrayContaining(["before", "meanwhile"])),
    5000,
  );
});
