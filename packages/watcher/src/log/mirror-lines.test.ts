import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import type { LogLevel, WatchSettings } from "../config/settings.js";
import type { MirrorEvents, PushedEvent } from "../events/mirror-events.js";
import type { PushPlan } from "../target/types.js";
import { createLog } from "./create-log.js";
import { logKernelEvent, logWatch } from "./kernel-lines.js";
import { logMirror } from "./mirror-lines.js";

const settings = {
  roots: [
    {
      name: "www",
      path: "/data/www",
      targets: [
        {
          name: "web1",
          url: "rsync://u:pw@h/www",
          auth: { password: null, identity: null },
          rsync: { options: ["-a"] },
          timeout: 0,
        },
      ],
    },
  ],
} as unknown as WatchSettings;

const plan: PushPlan = {
  items: ["a", "b", "n"],
  forced: new Set(),
  deletes: ["gone\n"],
  trees: ["t"],
  links: [{ from: "o", to: "n" }],
};
const batch = { root: "www", target: "web1", batch: 3, sequence: 48, plan };
const outcome = {
  failed: new Map<string, string>(),
  problems: [],
  files: 3,
  bytes: 2048,
  sentBytes: 100,
  matchedBytes: 0,
  deleted: 1,
};
const pushed: PushedEvent = {
  ...batch,
  outcome,
  wallMs: 41.4,
  delayMs: 62.6,
  delaysMs: [],
  failedAgain: new Set(),
};

/** The lines, without their times, that a log at `level` has of what `act` emits. */
function lines(level: LogLevel, act: (events: EventEmitter<MirrorEvents>) => void): string[] {
  const found: string[] = [];
  const log = createLog(
    { level, format: "text", file: null, rotate: { size: 0, keep: 0 } },
    { sink: { write: (line) => void found.push(line.slice(25)), reopen() {}, close() {} } },
  );
  const events = new EventEmitter<MirrorEvents>();
  const stop = logMirror(settings, events, log);
  act(events);
  logWatch(log, "www", "dir", 7);
  logKernelEvent(log, 7, "x\xff", 0x40000100);
  stop();
  events.emit("pushed", pushed);
  return found;
}

describe("the mirror's log lines", () => {
  it("has one line per push", () => {
    expect(lines("info", (events) => events.emit("pushed", pushed))).toEqual([
      "info push root=www target=web1 seq=48 paths=5 up=3 del=1 ren=1 bytes=2.0k sent=100 wall=41ms delay=63ms ok",
    ]);
  });

  it("tells which paths failed, escaped, and bounds their number", () => {
    const failures = Array.from({ length: 30 }, (_, i) => [`p\n${i}\xff`, "denied"] as const);
    const failed = { ...pushed, outcome: { ...outcome, failed: new Map(failures) } };
    const found = lines("info", (events) => events.emit("pushed", failed));
    expect(found[0]).toMatch(/^warn push .* failed=30 partial$/);
    expect(found[1]).toBe(
      String.raw`warn path failed root=www target=web1 path=p\x0a0\xff errno=5888 class=path reason=denied`,
    );
    expect(found).toHaveLength(22);
    expect(found[21]).toMatch(/more=10$/);
  });

  it("tells why a push failed and when it is tried again", () => {
    const failed = {
      ...batch,
      failure: "unreachable" as const,
      exitCode: 10,
      message: "connection refused",
      attempt: 2,
      retryInMs: 1500,
      wallMs: 3,
    };
    const [line] = lines("warn", (events) => events.emit("failed", failed));
    expect(line).toBe(
      'warn push root=www target=web1 seq=48 paths=5 up=3 del=1 ren=1 errno=2560 class=unreachable reason="connection refused" attempt=2 retry=1.5s failed',
    );
  });

  it("has the three kinds of lines that sersync's debug gives", () => {
    expect(lines("debug", (events) => events.emit("batch", batch))).toEqual([
      'debug command p1="$(printf \'./gone\\012x\')" && cd /data/www && rsync -a -r -R --delete-missing-args --force ./a ./b ./n "\x24{p1%x}" ./t rsync://u@h/www/',
      "debug watch wd:7 path:dir root=www",
      String.raw`debug inotify wd:7 name:x\xff mask:0x40000100`,
    ]);
  });

  it("tells of a target's troubles, not of its everyday", () => {
    const state = { root: "www", target: "web1", reason: "" };
    const found = lines("info", (events) => {
      events.emit("state", { ...state, previous: "idle", state: "pushing" });
      events.emit("state", { ...state, previous: "pushing", state: "refused", reason: "login" });
      events.emit("state", { ...state, previous: "refused", state: "idle" });
    });
    expect(found).toEqual([
      "info target root=www target=web1 state=refused previous=pushing reason=login",
      "info target root=www target=web1 state=idle previous=refused",
    ]);
  });
});
