import {
  closeSync,
  constants,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTrusted, readTrusted } from "./trusted-file.js";

const isRoot = process.getuid?.() === 0;
const STRANGER = 12345;

let root = "";
const at = (path: string): string => join(root, path);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tsrsync-trusted-"));
  mkdirSync(at("d/e"), { recursive: true });
  writeFileSync(at("d/e/f"), "content");
});
afterEach(() => rmSync(root, { recursive: true }));

test.each([
  ["a plain path", "d/e/f"],
  ["dots and doubled slashes", "d/./e/..//e/f"],
])("%s is opened", (_, path) => expect(readTrusted(`${root}/${path}`)).toBe("content"));

test("a relative path starts at the working directory", () => {
  expect(readTrusted("package.json")).toContain("{");
});

test("our own links are followed, absolute and relative, in the middle and at the end", () => {
  symlinkSync("d", at("relative"));
  symlinkSync(at("relative/e"), at("absolute"));
  symlinkSync("../d/e/../../absolute/f", at("d/leaf"));
  expect(readTrusted(at("d/leaf"))).toBe("content");
});

test("links that never end are refused", () => {
  symlinkSync("loop", at("loop"));
  expect(() => readTrusted(at("loop"))).toThrow(expect.objectContaining({ code: "ELOOP" }));
  expect(() => readTrusted(at("loop/x"))).toThrow(expect.objectContaining({ code: "ELOOP" }));
});

test.each([
  ["d/none", "ENOENT"],
  ["none/f", "ENOENT"],
  ["d/e/f/g", "ENOTDIR"],
  ["d/e/f/", "ENOTDIR"],
  ["d/\0f", "EINVAL"],
])("%j fails with %s", (path, code) => {
  expect(() => readTrusted(`${root}/${path}`)).toThrow(expect.objectContaining({ code }));
});

test("a file is created, also where our own dangling link points to", () => {
  const flags = constants.O_RDWR | constants.O_CREAT;
  closeSync(openTrusted(at("d/new"), flags));
  expect(readTrusted(at("d/new"))).toBe("");
  symlinkSync("made", at("d/dangling"));
  closeSync(openTrusted(at("d/dangling"), flags));
  expect(readTrusted(at("d/made"))).toBe("");
});

test.runIf(process.platform === "linux")("no descriptor is left open", () => {
  symlinkSync("d", at("link"));
  const count = () => readdirSync("/proc/self/fd").length;
  const before = count();
  for (const path of ["link/e/f", "d/none", "none/x", "d/e/f/g"]) {
    try {
      readTrusted(at(path));
    } catch {
      // only the descriptors matter
    }
  }
  expect(count()).toBe(before);
});

describe.runIf(isRoot)("links of strangers", () => {
  test.each(["leaf", "parent"])("are refused as %s", (place) => {
    symlinkSync(place === "leaf" ? "f" : ".", at("d/e/evil"));
    lchownSync(at("d/e/evil"), STRANGER, STRANGER);
    const path = at(place === "leaf" ? "d/e/evil" : "d/e/evil/f");
    expect(() => readTrusted(path)).toThrow(expect.objectContaining({ code: "ELOOP" }));
  });

  test("are refused behind a link of ours", () => {
    symlinkSync("f", at("d/e/evil"));
    lchownSync(at("d/e/evil"), STRANGER, STRANGER);
    symlinkSync("d/e/evil", at("ours"));
    expect(() => readTrusted(at("ours"))).toThrow(expect.objectContaining({ code: "ELOOP" }));
  });
});
