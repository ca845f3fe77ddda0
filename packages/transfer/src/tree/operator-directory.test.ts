/** Whose links are followed on the way to a directory that an option names. */
import { lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openOperatorDirectory } from "./operator-directory.js";

let place: string;
beforeEach(() => {
  place = mkdtempSync(`${tmpdir()}/operator-`);
  mkdirSync(`${place}/real/deep`, { recursive: true });
  writeFileSync(`${place}/real/deep/f`, "");
  symlinkSync("real", `${place}/link`);
  symlinkSync(`${place}/real/deep`, `${place}/absolute`);
});
afterEach(() => rmSync(place, { recursive: true }));

test("what exists of the way is opened, and the rest is told", () => {
  for (const [path, missing, names] of [
    ["real/deep", "", ["f"]],
    ["real/./deep/new/er", "new/er", ["f"]],
    ["link/deep", "", ["f"]],
    ["link/../real/deep/", "", ["f"]],
    ["absolute/x", "x", ["f"]],
    ["absolute/..", "", ["deep"]],
  ] as const) {
    const found = openOperatorDirectory(`${place}/${path}`);
    expect([found.missing, found.tree.list(".")]).toEqual([missing, names]);
    found.tree.close();
  }
});

test("a file on the way is an error, and so are links that never end", () => {
  expect(() => openOperatorDirectory(`${place}/real/deep/f/g`)).toThrow(/ENOTDIR|not a directory/i);
  symlinkSync("loop", `${place}/loop`);
  expect(() => openOperatorDirectory(`${place}/loop/g`)).toThrow(/ELOOP|too many/i);
});

test.runIf(process.geteuid?.() === 0)("a link of somebody else is not followed", () => {
  lchownSync(`${place}/link`, 65534, 65534);
  expect(() => openOperatorDirectory(`${place}/link/deep`)).toThrow(/ELOOP|too many/i);
});
