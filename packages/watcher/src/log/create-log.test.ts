import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogSettings } from "../config/settings.js";
import { createLog, type Log } from "./create-log.js";
import { createFileSink } from "./file-sink.js";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "ops-log-"));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

const settings = (changes: Partial<LogSettings> = {}): LogSettings => ({
  level: "info",
  format: "text",
  file: null,
  rotate: { size: 0, keep: 0 },
  ...changes,
});
const now = (): Date => new Date(Date.UTC(2026, 0, 20, 14, 30, 22, 123));

/** A log into an array. */
function collect(changes: Partial<LogSettings> = {}): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const sink = { write: (line: string) => void lines.push(line), reopen() {}, close() {} };
  return { log: createLog(settings(changes), { now, sink }), lines };
}

const PUSH = {
  root: "www",
  target: "web1",
  seq: 48211,
  paths: 37,
  bytes: 1_258_291,
  sent: 317_440,
  wall: 41,
  delay: 63,
  result: "ok",
};

describe("the log", () => {
  it("has a line for people", () => {
    const { log, lines } = collect();
    log.info("push", PUSH);
    expect(lines).toEqual([
      "2026-01-20T14:30:22.123Z info push root=www target=web1 seq=48211 paths=37 bytes=1.2M sent=310k wall=41ms delay=63ms ok",
    ]);
  });

  it("has a line for programs, with the same keys and plain numbers", () => {
    const { log, lines } = collect({ format: "json" });
    log.info("push", PUSH);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: "info",
      time: "2026-01-20T14:30:22.123Z",
      msg: "push",
      ...PUSH,
    });
  });

  it("keeps one message on one line and its values apart", () => {
    const { log, lines } = collect();
    log.warn("odd\nmessage", { a: "x y", b: 'q"=', c: "e\x1b[2J\n", d: "", e: undefined, f: null });
    expect(lines[0]).toContain(
      String.raw`warn odd\x0amessage a="x y" b="q\"=" c=e\x1b[2J\x0a d="" f=null`,
    );
  });

  it("drops what is below its level", () => {
    const { log, lines } = collect({ level: "warn" });
    log.info("no");
    log.error("yes");
    log.setLevel("debug");
    log.debug("now");
    log.trace("never");
    expect(lines.map((line) => line.slice(25))).toEqual(["error yes", "debug now"]);
    expect([log.isEnabled("debug"), log.isEnabled("trace")]).toEqual([true, false]);
  });

  it("counts what comes again and again", () => {
    const { log, lines } = collect();
    for (let i = 0; i < 121; i++) log.warn("same", { a: 1 });
    log.warn("same", { a: 2 });
    log.warn("same", { a: 2 });
    vi.advanceTimersByTime(31_000);
    log.warn("same", { a: 2 });
    expect(lines.map((line) => line.slice(25))).toEqual([
      "warn same a=1",
      "warn last message repeated 120 times",
      "warn same a=2",
      "warn last message repeated once",
      "warn same a=2",
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never shows a secret", () => {
    const { log, lines } = collect();
    log.info("to rsync://me:hunter2@host/m", {
      url: "https://u:hunter2@h/x?pswd=hunter2&ok=1",
      password: "hunter2",
      authToken: "hunter2",
    });
    expect(lines[0]).not.toContain("hunter2");
    expect(lines[0]).toContain("rsync://me:***@host/m");
  });

  it("writes a file that is renamed when it is full, and keeps as many as it should", () => {
    const file = join(directory, "watch.log");
    const log = createLog(settings({ file, rotate: { size: 100, keep: 2 } }), { now });
    for (let i = 0; i < 9; i++) log.info(`message ${i}`);
    log.close();
    log.info("after the end");
    expect(readdirSync(directory).sort()).toEqual(["watch.log", "watch.log.1", "watch.log.2"]);
    const read = (name: string) => readFileSync(join(directory, name), "utf8").match(/\d$/gm);
    expect([read("watch.log.2"), read("watch.log.1"), read("watch.log")]).toEqual([
      ["4", "5"],
      ["6", "7"],
      ["8"],
    ]);
  });

  it("opens its file anew when told", () => {
    const file = join(directory, "watch.log");
    const log = createLog(settings({ file }), { now });
    log.info("one");
    renameSync(file, join(directory, "old"));
    log.info("two");
    log.reopen();
    log.info("three");
    log.close();
    expect(readFileSync(join(directory, "old"), "utf8").match(/\w+$/gm)).toEqual(["one", "two"]);
    expect(readFileSync(file, "utf8").match(/\w+$/gm)).toEqual(["three"]);
  });

  it("goes on with the file that it has when that can not be opened anew", () => {
    const file = join(directory, "logs", "watch.log");
    mkdirSync(join(directory, "logs"));
    const complaints: string[] = [];
    const sink = createFileSink(file, { size: 0, keep: 1 }, (text) => complaints.push(text));
    renameSync(join(directory, "logs"), join(directory, "moved"));
    sink.reopen();
    sink.write("one");
    sink.close();
    expect(complaints).toEqual([expect.stringContaining("can not be opened anew")]);
    expect(readFileSync(join(directory, "moved", "watch.log"), "utf8")).toBe("one\n");
  });

  it("goes on when the disk is full, and says so once", () => {
    const complaints: string[] = [];
    const sink = createFileSink("/dev/full", { size: 10, keep: 1 }, (text) => {
      complaints.push(text);
    });
    sink.write("one");
    sink.write("two");
    expect(complaints).toEqual([expect.stringContaining("/dev/full can not be written")]);
    sink.close();
  });
});
