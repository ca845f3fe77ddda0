import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { NotifyEvent } from "../config/settings.js";
import type { MirrorStatus } from "../control/types.js";
import type { FailedEvent, MirrorEvents } from "../events/mirror-events.js";
import type { Alarm } from "./alarm.js";
import { raiseAlarms } from "./alarm-source.js";
import { createMessage } from "./message.js";
import { type Bundle, Outbox } from "./outbox.js";
import { checkPresetAnswer, cutText, presetRequest } from "./presets.js";
import { createSummary, untilMidnight } from "./summary.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const scope = { root: "www", target: "t" };
const plan = { items: [], forced: new Set<string>(), deletes: [], trees: [], links: [] };

/** A mirror and what it raised: `event/state`. */
function watch(): {
  events: EventEmitter<MirrorEvents>;
  seen: () => string[];
  alarms: Alarm[];
  stop: () => void;
} {
  const events = new EventEmitter<MirrorEvents>();
  const alarms: Alarm[] = [];
  const stop = raiseAlarms(events, (alarm) => alarms.push(alarm));
  const seen = (): string[] => alarms.splice(0).map(({ event, state }) => `${event} ${state}`);
  return { events, seen, alarms, stop };
}

const failed = (failure: FailedEvent["failure"], target = "t"): FailedEvent => ({
  ...scope,
  target,
  batch: 1,
  sequence: 1,
  plan,
  failure,
  exitCode: 10,
  message: "why",
  attempt: 1,
  retryInMs: 1,
  wallMs: 1,
});

function pushed(events: EventEmitter<MirrorEvents>, again: string[] = []): void {
  const outcome = { failed: new Map(again.map((path) => [path, "denied"])) };
  const rest = { wallMs: 1, delayMs: 1, delaysMs: [], failedAgain: new Set(again) };
  events.emit("pushed", {
    ...scope,
    batch: 2,
    sequence: 2,
    plan,
    ...rest,
    outcome: outcome as never,
  });
}

describe("alarms", () => {
  it("come when a target is down for a minute, once, and end when it works", () => {
    const { events, seen } = watch();
    events.emit("failed", failed("unreachable"));
    vi.advanceTimersByTime(59_000);
    pushed(events);
    vi.advanceTimersByTime(60_000);
    expect(seen()).toEqual([]);
    for (let i = 0; i < 5; i++) {
      events.emit("failed", failed("protocol"));
      vi.advanceTimersByTime(20_000);
    }
    expect(seen()).toEqual(["targetDown raised"]);
    pushed(events);
    pushed(events);
    expect(seen()).toEqual(["targetUp resolved"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("come at once when a target refuses or is full", () => {
    const { events, seen } = watch();
    events.emit("failed", failed("unreachable"));
    events.emit("failed", failed("refused"));
    events.emit("failed", failed("refused"));
    events.emit("failed", failed("full", "u"));
    vi.advanceTimersByTime(120_000);
    expect(seen()).toEqual(["refused raised", "full raised"]);
    pushed(events);
    expect(seen()).toEqual(["refused resolved"]);
  });

  it("come for guards, held deletions, limits, failures, comparisons and full syncs", () => {
    const { events, seen, alarms, stop } = watch();
    const guard = { root: "www", state: "guarded" as const, reason: "marker gone" };
    events.emit("guard", { ...guard, active: true });
    events.emit("held", { ...scope, count: 40, directories: ["a\n", "b"] });
    events.emit("overflow", { root: "www", count: 2 });
    events.emit("overflow", { root: "www", count: 3 });
    events.emit("watchLimit", { root: "www", polled: 7, limit: 100, needed: 160 });
    pushed(events, ["p\xff", "q"]);
    events.emit("verified", { ...scope, entries: 9, differences: 2, paths: ["x"], repaired: 2 });
    events.emit("fullSync", { ...scope, phase: "failed", reason: "hook", wallMs: 1 });
    expect(alarms.map(({ text }) => text)).toEqual([
      "halted, guarded: marker gone",
      "40 deletions held back in a\\x0a, b",
      "the kernel dropped events (2 times)",
      "the kernel dropped events (3 times)",
      "limit 100: 7 directories are polled; set fs.inotify.max_user_watches to 160",
      "did not arrive: p\\xff, q (denied)",
      "2 paths differ: x and 1 more; 2 are pushed again",
      "hook",
    ]);
    seen();
    events.emit("guard", { ...guard, active: false });
    events.emit("held", { ...scope, count: 0, directories: [] });
    events.emit("watchLimit", { root: "www", polled: 0, limit: 200, needed: 0 });
    events.emit("idle", { ...scope, sequence: 3 });
    events.emit("verified", { ...scope, entries: 9, differences: 0, paths: [], repaired: 0 });
    events.emit("fullSync", { ...scope, phase: "done", reason: "", wallMs: 1 });
    const over = [
      "guard",
      "deleteHeld",
      "watchLimit",
      "failLog",
      "verifyDifference",
      "fullSyncFailed",
    ];
    expect(seen()).toEqual(over.map((event) => `${event} resolved`));
    stop();
    events.emit("overflow", { root: "www", count: 4 });
    expect(seen()).toEqual([]);
  });
});

/** An outbox and what it sent: the event, then target and state of each alarm. */
function box(minIntervalMs: number): {
  add: (event: NotifyEvent, target: string, state?: Alarm["state"]) => void;
  sent: () => string[];
  outbox: Outbox;
} {
  const bundles: Bundle[] = [];
  const outbox = new Outbox(minIntervalMs, (bundle) => bundles.push(bundle));
  return {
    outbox,
    add: (event, target, state = "raised") =>
      outbox.add({ event, state, root: "r", target, text: "", at: new Date() }),
    sent: () =>
      bundles
        .splice(0)
        .map(({ event, alarms, left }) =>
          [event, ...alarms.map(({ target, state }) => `${target} ${state}`), left || ""]
            .join(" ")
            .trim(),
        ),
  };
}

describe("what a receiver is sent", () => {
  it("goes together when it comes together, and not too often", () => {
    const { add, sent } = box(600_000);
    add("targetDown", "a");
    add("targetDown", "b");
    add("full", "a");
    vi.advanceTimersByTime(1000);
    expect(sent()).toEqual(["targetDown a raised b raised", "full a raised"]);
    add("targetDown", "c");
    add("targetDown", "d");
    vi.advanceTimersByTime(590_000);
    expect(sent()).toEqual([]);
    vi.advanceTimersByTime(10_000);
    expect(sent()).toEqual(["targetDown c raised d raised"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tells one end for each alarm, and nothing of one that was over before it was told", () => {
    const { add, sent } = box(600_000);
    add("targetDown", "a");
    vi.advanceTimersByTime(1000);
    add("targetUp", "a", "resolved");
    vi.advanceTimersByTime(1000);
    expect(sent()).toEqual(["targetDown a raised", "targetUp a resolved"]);
    add("targetDown", "a");
    vi.advanceTimersByTime(1000);
    add("targetUp", "a", "resolved");
    vi.advanceTimersByTime(1_000_000);
    add("refused", "b", "resolved");
    vi.advanceTimersByTime(1_000_000);
    expect(sent()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is bounded, and sent at the end", () => {
    const { add, sent, outbox } = box(0);
    for (let i = 0; i < 600; i++) add("guard", `t${i}`);
    outbox.flush();
    expect(sent()[0]).toMatch(/^guard t0 raised .* t499 raised 100$/);
  });
});

describe("messages", () => {
  const alarm = (text: string, target: string | null = "t"): Alarm => ({
    event: "targetDown",
    state: "raised",
    root: "www",
    target,
    text,
    at: new Date(0),
  });

  it("are a line for one alarm and a list for several", () => {
    const one = createMessage({ event: "targetDown", alarms: [alarm("refused")], left: 0 }, "h");
    expect(one.text).toBe("[h] targetDown: www/t: refused");
    const alarms = [alarm("refused"), { ...alarm("x", null), state: "resolved" as const }];
    const two = createMessage({ event: "targetDown", alarms, left: 3 }, "h");
    expect(two.text).toBe("[h] targetDown: 5 messages\nwww/t: refused\nwww: over: x\nand 3 more");
    expect(two.json["alarms"]).toMatchObject([{ at: "1970-01-01T00:00:00.000Z", target: "t" }, {}]);
  });

  it("have the form that each chat service wants", () => {
    const now = 1_700_000_000_000;
    const ask = (preset: Parameters<typeof presetRequest>[0], url: string) =>
      presetRequest(preset, url, "hi", now);
    expect(ask("slack", "https://s/x")).toEqual({ url: "https://s/x", body: { text: "hi" } });
    expect(ask("wecom", "https://w/x?key=1")).toEqual({
      url: "https://w/x?key=1",
      body: { msgtype: "text", text: { content: "hi" } },
    });
    expect(ask("telegram", "https://t/bot1/sendMessage?chat_id=5")).toEqual({
      url: "https://t/bot1/sendMessage",
      body: { chat_id: "5", text: "hi" },
    });
    // Signatures made with openssl: printf '%s\n%s' 1700000000000 SECx | openssl dgst -sha256 -hmac SECx -binary | base64
    const ding = new URL(ask("dingtalk", "https://d/robot?access_token=a&secret=SECx").url);
    expect(ding.searchParams.get("secret")).toBeNull();
    expect(ding.searchParams.get("timestamp")).toBe(`${now}`);
    expect(ding.searchParams.get("sign")).toBe("rgcjbH+yFyES+S0llX+cAPCwVRpsr7sbiX5Lnyo/ocU=");
    expect(ask("feishu", "https://f/hook/1?secret=SECx")).toEqual({
      url: "https://f/hook/1",
      body: {
        timestamp: "1700000000",
        sign: "SqAAKq+LeBpM90HLQbQZuXzQJU2DWQuN3nGpYvrdFMc=",
        msg_type: "text",
        content: { text: "hi" },
      },
    });
    expect(ask("feishu", "https://f/hook/1").body).toEqual({
      msg_type: "text",
      content: { text: "hi" },
    });
  });

  it("are cut between characters", () => {
    const long = cutText("文".repeat(1000));
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(2000);
    expect(long).toMatch(/^文+…$/);
    expect(cutText("short")).toBe("short");
  });

  it("count as refused when the service says so with status 200", () => {
    for (const answer of [
      "ok",
      '{"errcode":0}',
      '{"code":0,"msg":"success"}',
      '{"ok":true}',
      "3",
    ]) {
      checkPresetAnswer(answer);
    }
    for (const answer of ['{"errcode":310000}', '{"code":9499}', '{"ok":false}']) {
      expect(() => checkPresetAnswer(answer)).toThrow("refused");
    }
  });
});

describe("the daily summary", () => {
  it("comes at midnight of this place, also across a change of the clock", () => {
    const evening = new Date(2026, 2, 28, 22, 30);
    expect(untilMidnight(evening)).toBe(90 * 60_000);
    expect(untilMidnight(new Date(2026, 2, 29))).toBeGreaterThanOrEqual(22 * 3_600_000);
  });

  it("tells what was done since the last one", () => {
    const status = (pushes: number): MirrorStatus =>
      ({
        roots: [
          {
            name: "www",
            state: "guarded",
            reason: "marker",
            targets: [
              {
                name: "t",
                state: "full",
                reason: "disk",
                dirty: 3,
                parkedCount: 1,
                pushes,
                failures: 2,
                files: pushes * 10,
                deleted: 0,
                sentBytes: pushes * 1024,
              },
            ],
          },
        ],
      }) as unknown as MirrorStatus;
    const summarize = createSummary();
    summarize(status(5));
    expect(summarize(status(8))).toBe(
      "www: guarded marker\nwww/t: full (disk), 3 paths to go, 1 paths failed; 3 pushes, 0 failures, 30 files, 0 deleted, 3.0k bytes sent",
    );
  });
});
