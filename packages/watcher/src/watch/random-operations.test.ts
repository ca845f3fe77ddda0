import { mkdirSync } from "node:fs";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { TestMirror } from "./testing-mirror.js";
import { keepReader, TestRoot } from "./testing-root.js";
import { startWriter } from "./testing-writer.js";

const ROUNDS = Number(process.env["TSRSYNC_WATCH_ROUNDS"] ?? 6);
const SEED = Number(process.env["TSRSYNC_WATCH_SEED"] ?? 1);

describe.runIf(inotifyHub() !== null)("whatever several writers do", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    mkdirSync(`${it.place}/outside`);
  });
  afterEach(() => it.end());

  test.each([
    { writers: 1, operations: 400, links: false },
    { writers: 3, operations: 300, links: false },
    { writers: 2, operations: 300, links: true },
  ])(
    "who does what marks say ends up with the same ($writers writers, links: $links)",
    async ({ writers, operations, links }) => {
      const told = await it.watch({ hardLinks: links });
      const mirror = new TestMirror(it.root);
      mirror.fill();
      const apply = (): void => mirror.apply(told.marks.splice(0));
      for (let round = 0; round < ROUNDS; round++) {
        const follow = setInterval(apply, 3);
        const seeds = Array.from({ length: writers }, (_, at) => SEED * 7919 + round * 31 + at);
        await Promise.all(
          seeds.map((seed) =>
            startWriter({
              root: it.root,
              outside: `${it.place}/outside`,
              seed,
              operations,
              links: false,
            }),
          ),
        );
        await it.watcher.drain();
        clearInterval(follow);
        apply();
        expect(mirror.differences(), `seed ${SEED}, round ${round}`).toEqual([]);
      }
      expect(it.watcher.figures().openFiles).toBe(0);
    },
  );
});
