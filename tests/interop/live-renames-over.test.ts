/**
 * Files that are renamed over others of the same size and time, all of them old (spec 6, 3.2): nothing but their contents tells that
 * they are other ones.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { createMirror } from "@tsrsync/watcher";
import { afterAll, expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { isRoot } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-renames-over-`);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const IDS = isRoot() ? "uid = 0\ngid = 0\n" : "";
const FILE_BYTES = 100_000;
const FILES = ["a", "b", "d/same", "e/same", "f", "g", "h", "i"];

const CASES = (["rsync", "tsrsync"] as const).flatMap((daemon) =>
  ["no-such-option", "hard-links", "hard-links fuzzy compare-dest link-dest copy-dest"].map(
    (refused) => ({ daemon, refused }),
  ),
);

test.each(CASES)(
  "are compared by a daemon that is $daemon and refuses $refused",
  async ({ daemon: implementation, refused }) => {
    const place = mkdtempSync(`${work}/`);
    const [source, target] = [`${place}/source`, `${place}/target`];
    for (const path of [source, target, `${source}/d`, `${source}/e`]) mkdirSync(path);
    for (const [index, name] of FILES.entries()) {
      writeFileSync(`${source}/${name}`, noise(FILE_BYTES, 2 * index)); // an odd seed is as the even one before
      utimesSync(`${source}/${name}`, 1e9, 1e9);
    }
    const daemon = await startDaemon(
      implementation,
      `${place}/daemon`,
      `${IDS}use chroot = no\nmunge symlinks = no\n[m]\npath = ${target}\nread only = no\nrefuse options = ${refused}\n`,
    );
    const mirror = await createMirror({
      defaults: { delete: { maxPercent: 100 } },
      roots: [
        {
          name: "r",
          path: source,
          targets: [{ name: "t", url: `rsync://127.0.0.1:${daemon.port}/m` }],
        },
      ],
      stateDir: `${place}/state`,
    });
    const move = (from: string, to: string): void => {
      renameSync(`${source}/${from}`, `${source}/${to}`);
    };
    const isEqual = async (): Promise<void> => {
      await mirror.flush();
      expect(readTree(target)).toEqual(readTree(source));
    };
    try {
      await isEqual();
      move("a", "b");
      await isEqual();
      move("d/same", "e/same");
      await isEqual();
      move("f", "between");
      move("between", "g");
      await isEqual();
      move("h", "between");
      move("i", "h");
      move("between", "i");
      await isEqual();
    } finally {
      await mirror.close();
      await daemon.stop();
    }
  },
);
