import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HookSettings, WatchSettings } from "../config/settings.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import { type Logger, silentLogger } from "../log/logger.js";
import { Reach } from "../state/mark.js";
import type { PushPlan } from "../target/types.js";
import { COMMON } from "./hook-test-support.js";
import { createHooks, type Hooks } from "./hooks.js";

let place = "";
let events: EventEmitter<MirrorEvents>;
let hooks: Hooks | null = null;
const errors: string[] = [];
const logger: Logger = {
  ...silentLogger,
  error: (message, fields) => errors.push(`${message} ${fields?.["reason"]}`),
};
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "ops-hooks-"));
  events = new EventEmitter();
  errors.length = 0;
});
afterEach(async () => {
  await hooks?.close();
  rmSync(place, { recursive: true });
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A hook that writes `target:count:paths` as a line. */
function hook(changes: Partial<HookSettings> = {}, script = ""): HookSettings {
  const program = join(place, "hook");
  const line = `${script}\nshift\nprintf '%s|' "$TSRSYNC_TARGET:$TSRSYNC_COUNT" "$@" >> ${place}/out\necho >> ${place}/out\n`;
  writeFileSync(program, `#!/bin/sh\n${line}`, { mode: 0o755 });
  const argv = [program, "x", "{paths}"];
  return { ...COMMON, kind: "command", argv, stdin: "none", ...changes } as HookSettings;
}

function start(own: HookSettings, targets: string[]): Hooks {
  const settings = {
    roots: [{ name: "www", path: "/w", hooks: [own], targets: targets.map((name) => ({ name })) }],
  } as unknown as WatchSettings;
  hooks = createHooks(settings, events, {
    stateDir: place,
    logger,
    readPassword: async () => "",
  });
  return hooks;
}

function pushed(target: string, changes: Partial<PushPlan>, failed: string[] = []): void {
  const plan = { items: [], forced: new Set(), deletes: [], trees: [], links: [], ...changes };
  const outcome = { failed: new Map(failed.map((path) => [path, "no"])) };
  events.emit("pushed", { root: "www", target, batch: 1, sequence: 1, plan, outcome } as never);
}
const state = (target: string, name: "idle" | "backing-off"): boolean =>
  events.emit("state", { root: "www", target, previous: "idle", state: name, reason: "" });

/** The lines of the hook once there are `count`, and no more come. */
async function lines(count: number): Promise<string[]> {
  const read = (): string[] => {
    try {
      return readFileSync(join(place, "out"), "utf8").split("\n").slice(0, -1);
    } catch {
      return [];
    }
  };
  for (let i = 0; i < 400 && read().length < count; i++) await sleep(10);
  await sleep(40);
  return read();
}

describe("the hooks of a mirror", () => {
  it("run for each target that has the change, without what failed and what was only touched", async () => {
    start(hook(), ["a", "b"]);
    pushed("a", { items: ["", "d", "d/f", "bad"], deletes: ["gone"] }, ["bad"]);
    pushed("b", { trees: ["t"] });
    expect(await lines(2)).toEqual(["a:2|/w/d/f|/w/gone|", "b:1|/w/t|"]);
  });

  it("run for named targets and matching paths only", async () => {
    start(hook({ targets: ["b"], match: ["(.*)\\.php", "/w/x/.*"] }), ["a", "b"]);
    pushed("a", { items: ["1.php"] });
    pushed("b", { items: ["1.php", "1.php.bak", "x/y", "a/x/y"] });
    expect(await lines(1)).toEqual(["b:2|/w/1.php|/w/x/y|"]);
  });

  it("run once when all targets have it", async () => {
    start(hook({ when: "all" }), ["a", "b"]);
    pushed("a", { items: ["f", "g"] });
    pushed("a", { items: ["f"] });
    state("b", "backing-off");
    expect(await lines(0)).toEqual([]);
    pushed("b", { items: ["f"] });
    expect(await lines(1)).toEqual([":1|/w/f|"]);
    pushed("b", { items: ["g"] });
    expect(await lines(2)).toEqual([":1|/w/f|", ":1|/w/g|"]);
  });

  it("run as sersync's plugins: once all targets were tried, whether or not they could be had", async () => {
    start(hook({ when: "afterEvent" }), ["a", "b"]);
    pushed("a", { items: ["f"] });
    expect(await lines(0)).toEqual([]);
    state("b", "backing-off");
    expect(await lines(1)).toEqual([":1|/w/f|"]);
    pushed("a", { items: ["g"] });
    expect((await lines(2))[1]).toBe(":1|/w/g|");
  });

  it("run at each change of a root that has no targets, but not for what a walk only suspects", async () => {
    start(hook(), []);
    const marks = [
      { path: "d", reach: Reach.Item },
      { path: "d/f", reach: Reach.Item },
      { path: "", reach: Reach.Reconcile },
    ];
    events.emit("change", { root: "www", marks, sequence: 3 });
    expect(await lines(1)).toEqual([":1|/w/d/f|"]);
  });

  it("are not told of a directory in which names came or went, whatever comes with it", async () => {
    start(hook(), []);
    const change = (path: string, touched: boolean): void => {
      const mark = { path, reach: Reach.Item };
      const marks = [touched ? { ...mark, touched } : mark];
      events.emit("change", { root: "www", marks, sequence: 1 });
    };
    change("d", true);
    change("e", false);
    expect(await lines(1)).toEqual([":1|/w/e|"]);
  });

  it("are not told of a directory that was pushed for its times alone", async () => {
    start(hook(), ["a"]);
    pushed("a", { items: ["d", "e", ""], touched: new Set(["d", ""]) });
    expect(await lines(1)).toEqual(["a:1|/w/e|"]);
  });

  it("put paths together, up to a number and for a time", async () => {
    start(hook({ batch: { max: 3, wait: 150 } }), ["a"]);
    for (const name of ["1", "2", "1"]) pushed("a", { items: [name] });
    expect(await lines(0)).toEqual([]);
    await sleep(150);
    for (const name of ["3", "4", "5", "6"]) pushed("a", { items: [name] });
    expect(await lines(3)).toEqual(["a:2|/w/1|/w/2|", "a:3|/w/3|/w/4|/w/5|", "a:1|/w/6|"]);
  });

  it("are tried again, then given up, and say so", async () => {
    const flaky = `[ -e ${place}/second ] || { touch ${place}/second; exit 9; }`;
    start(hook({ retries: 1 }, flaky), ["a"]);
    pushed("a", { items: ["f"] });
    expect(await lines(1)).toEqual(["a:1|/w/f|"]);
    expect(hooks?.figures()).toMatchObject([{ succeeded: 1, failed: 0, queued: 0 }]);
    await hooks?.close();
    start(hook({}, "echo no; exit 4"), ["a"]);
    pushed("a", { items: ["g"] });
    while (errors.length === 0) await sleep(10);
    expect(errors).toEqual(["hook failed Error: exit status 4: no"]);
    expect(hooks?.figures()).toMatchObject([{ hook: "command 1", succeeded: 0, failed: 1 }]);
  });

  it("have their time and their attempts for each path where each is a run of its own", async () => {
    const argv = [join(place, "hook"), "x", "{path}"];
    start(hook({ argv, timeout: 700 } as never, `case "$2" in *bad) exit 3;; esac; sleep 0.2`), [
      "a",
    ]);
    pushed("a", { items: ["1", "bad", "2", "3", "4", "5"] });
    expect(await lines(5)).toEqual(["1", "2", "3", "4", "5"].map((name) => `a:1|/w/${name}|`));
    await hooks?.close();
    expect(errors).toEqual(["hook failed Error: exit status 3"]);
    expect(hooks?.figures()).toMatchObject([{ succeeded: 5, failed: 1 }]);
  });

  it("never hold anything up, and hold a bounded number of paths", async () => {
    start(hook({ timeout: 300, batch: { max: 1, wait: 0 } }, "sleep 60"), ["a"]);
    const began = performance.now();
    const items = Array.from({ length: 100_500 }, (_, index) => `f${index}`);
    pushed("a", { items });
    expect(performance.now() - began).toBeLessThan(1500);
    const [figures] = hooks?.figures() ?? [];
    expect(figures?.queued).toBeLessThanOrEqual(100_000);
    expect(figures?.dropped).toBeGreaterThan(400);
    for (let i = 0; i < 200 && errors.length < 2; i++) await sleep(10);
    expect(errors).toContain("hook failed Error: no end after 300 ms");
    await hooks?.close(0);
  });

  it("finish what waits before the mirror ends", async () => {
    start(hook({ batch: { max: 10, wait: 60_000 } }), ["a"]);
    pushed("a", { items: ["f"] });
    await hooks?.close();
    expect(await lines(1)).toEqual(["a:1|/w/f|"]);
  });

  it("come before full syncs, and keep them from running when they fail", async () => {
    const own = start(hook({ when: "beforeFullSync", targets: ["a"] }), ["a", "b"]);
    pushed("a", { items: ["f"] });
    await own.beforeFullSync("www", "a");
    await own.beforeFullSync("www", "b");
    expect(await lines(1)).toEqual(["a:0|"]);
    await own.close();
    const failing = start(hook({ when: "beforeFullSync" }, "exit 1"), ["a"]);
    await expect(failing.beforeFullSync("www", "a")).rejects.toThrow("exit status 1");
    const slow = start(hook({ when: "beforeFullSync", timeout: 100 }, "sleep 60"), ["a"]);
    await expect(slow.beforeFullSync("www", "a")).rejects.toThrow("no end after 100 ms");
  });
});
