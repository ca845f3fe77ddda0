import {
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FileLog, type LogSink, openLog, StreamLog } from "./log-sink.js";

let directory = "";
let path = "";
let fallbackLines: string[] = [];
const fallback: LogSink = {
  write: (text, level = "info") => void fallbackLines.push(`${level}: ${text}`),
  close: () => {},
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-log-"));
  path = join(directory, "log");
  fallbackLines = [];
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The lines of a file without their dates. */
const linesOf = (file: string): string[] =>
  readFileSync(file, "latin1")
    .split("\n")
    .map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, ""));

test("lines are appended as bytes, with the process that they are about", () => {
  const log = new FileLog(path, fallback);
  log.write("one \xc3\xa4\x9f", "info", 7);
  log.close();
  log.write("two", "warning");
  expect(linesOf(path)).toEqual(["[7] one \xc3\xa4\\#237", `[${process.pid}] two`, ""]);
  expect(statSync(path).mode & 0o022).toBe(0);
  log.close();
});

test("a file that was renamed or removed is opened anew", () => {
  const log = new FileLog(path, fallback);
  log.write("a", "info", 1);
  renameSync(path, `${path}.1`);
  log.write("b", "info", 1);
  rmSync(path);
  log.write("c", "info", 1);
  expect(linesOf(`${path}.1`)).toEqual(["[1] a", ""]);
  expect(linesOf(path)).toEqual(["[1] c", ""]);
  log.close();
});

test("a file that somebody else put in its place is used", () => {
  const log = new FileLog(path, fallback);
  log.write("a", "info", 1);
  renameSync(path, `${path}.1`);
  writeFileSync(path, "");
  log.write("b", "info", 1);
  expect(linesOf(path)).toEqual(["[1] b", ""]);
  log.close();
});

test("what can not be opened is told once, and lines go to the fallback until it can", () => {
  const missing = join(directory, "no", "log");
  const log = new FileLog(missing, fallback);
  log.write("a");
  log.write("b", "warning");
  expect(fallbackLines).toEqual([
    `warning: failed to open log-file ${missing}: No such file or directory (2)`,
    'warning: Ignoring "log file" setting.',
    "info: a",
    "warning: b",
  ]);
  mkdirSync(join(directory, "no"));
  log.write("c", "info", 1);
  expect(linesOf(missing)).toEqual(["[1] c", ""]);
  log.close();
});

test.runIf(existsSync("/dev/full"))("a full disk does not stop the daemon", () => {
  const log = new FileLog("/dev/full", fallback);
  log.write("a");
  expect(fallbackLines.at(-1)).toBe("info: a");
  log.close();
});

test.runIf(process.getuid?.() === 0)("a stranger's link is not followed", () => {
  symlinkSync("target", path);
  lchownSync(path, 1234, 1234);
  new FileLog(path, fallback).write("a");
  expect(existsSync(join(directory, "target"))).toBe(false);
  expect(fallbackLines).toContain("info: a");
});

test("without a file the fallback is the log, standard error or any stream", () => {
  expect(openLog("", fallback)).toBe(fallback);
  const stream = new PassThrough();
  new StreamLog(stream).write("forged\nline \xff", "info", 3);
  expect(stream.read().toString("latin1")).toMatch(/ \[3\] forged\\#012line \xff\n$/);
});
