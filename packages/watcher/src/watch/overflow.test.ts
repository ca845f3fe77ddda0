import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { thisMoment } from "../inotify/reader-messages.js";
import { canLowerLimits, withLimit } from "../inotify/testing-kernel-limits.js";
import { Overflow } from "./overflow.js";
import { TestMirror } from "./testing-mirror.js";
import { keepReader, TestRoot } from "./testing-root.js";

describe.runIf(inotifyHub() !== null && canLowerLimits())("when the kernel drops events", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
  });
  afterEach(() => it.end());

  test.each(["all", "dirs", "off"] as const)(
    "a walk finds what they were about (snapshot: %s)",
    async (snapshot) => {
      for (const name of ["gone", "moved", "stays"]) {
        mkdirSync(it.path(`${name}/e`), { recursive: true });
        writeFileSync(it.path(`${name}/e/f`), name);
      }
      await withLimit("max_queued_events", 4, () => it.watch({ snapshot }).then(() => {}));
      const mirror = new TestMirror(it.root);
      mirror.fill();
      for (let count = 0; count < 300; count++) writeFileSync(it.path(`stays/${count}`), "x");
      rmSync(it.path("gone"), { recursive: true });
      renameSync(it.path("moved"), it.path("stays/here"));
      writeFileSync(it.path("stays/e/f"), "changed");
      mkdirSync(it.path("new/deep"), { recursive: true });
      await it.watcher.drain();
      mirror.apply(it.recorder.marks.splice(0));
      expect(mirror.differences()).toEqual([]);
      expect(it.recorder.overflows).toBeGreaterThan(0);
      expect(it.watcher.state).toBe("live");

      writeFileSync(it.path("stays/here/e/g"), "");
      writeFileSync(it.path("new/deep/g"), "");
      const marks = await it.marks();
      expect(marks).toEqual(expect.arrayContaining(["new/deep/g:0", "stays/here/e/g:0"]));
    },
  );
});

describe("overflow after overflow", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is met with walks that are longer and longer apart", async () => {
    const walks: number[] = [];
    const warnings: string[] = [];
    const start = Date.now();
    const overflow = new Overflow({
      rescan: async () => {
        walks.push(Date.now() - start);
        if (walks.length < 6) overflow.hit(thisMoment());
      },
      cancel: () => {},
      warn: (text) => warnings.push(text),
    });
    overflow.hit(thisMoment());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(walks).toEqual([0, 0, 0, 1000, 3000, 7000]);
    expect(warnings).toEqual([expect.stringContaining("fs.inotify.max_queued_events")]);
  });

  test("the bound is that of the first one, and nothing when the clock was set", async () => {
    const bounds: bigint[] = [];
    const overflow = new Overflow({
      rescan: async (boundNs) => {
        bounds.push(boundNs);
        if (bounds.length === 1) overflow.hit(thisMoment());
      },
      cancel: () => {},
      warn: () => {},
    });
    const empty = { ...thisMoment(), wallMs: Date.now() };
    overflow.hit(empty);
    await vi.advanceTimersByTimeAsync(1);
    const expected = BigInt(empty.wallMs - 2000) * 1_000_000n;
    expect(bounds).toEqual([expected, expected]);
    overflow.hit({ ...empty, wallMs: empty.wallMs - 60_000 });
    await vi.advanceTimersByTimeAsync(1);
    expect(bounds[2]).toBe(0n);
  });
});
