import { EventEmitter } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WatchSettings } from "../config/settings.js";
import type { FailedEvent, MirrorEvents, PushedEvent } from "../events/mirror-events.js";
import { type LogFields, type Logger, silentLogger } from "../log/logger.js";
import type { PushPlan } from "../target/types.js";
import { openFailLogs } from "./fail-log.js";

let directory = "";
let events: EventEmitter<MirrorEvents>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ops-fail-"));
  events = new EventEmitter();
});
afterEach(() => rm(directory, { recursive: true }));

const settings = (path: string): WatchSettings =>
  ({
    daemon: { stateDir: directory },
    roots: ["www", "bbs"].map((name) => ({
      name,
      path: `/srv/${name}`,
      targets: [
        {
          name: "t",
          url: `rsync://h/${name}`,
          auth: { password: null, identity: null },
          rsync: { options: ["-a"] },
          timeout: 0,
          failLog: { path, retryEvery: 0 },
        },
      ],
    })),
  }) as unknown as WatchSettings;

const plan = (changes: Partial<PushPlan>): PushPlan => ({
  items: [],
  forced: new Set(),
  deletes: [],
  trees: [],
  links: [],
  ...changes,
});

const failed = (attempt: number, changes: Partial<PushPlan>, root = "www"): FailedEvent => ({
  root,
  target: "t",
  batch: 1,
  sequence: 1,
  plan: plan(changes),
  failure: "unreachable",
  exitCode: 10,
  message: "refused",
  attempt,
  retryInMs: 0,
  wallMs: 1,
});

function pushed(
  changes: Partial<PushPlan>,
  failures: string[] = [],
  again = failures,
): PushedEvent {
  return {
    root: "www",
    target: "t",
    batch: 2,
    sequence: 2,
    plan: plan(changes),
    wallMs: 1,
    delayMs: 1,
    delaysMs: [],
    failedAgain: new Set(again),
    outcome: { failed: new Map(failures.map((path) => [path, "no"])) } as never,
  };
}

/** What the file holds after `act`; all is written by then. */
async function after(act: () => void, path = join(directory, "fail.sh")): Promise<string> {
  const logs = await openFailLogs(settings(path), events, silentLogger);
  act();
  await logs.close();
  return readFile(path, "latin1");
}

const entry = (path: string, code: number, root = "www"): string =>
  `#errno ${code}\ncd /srv/${root} && rsync -a -r -R --delete-missing-args --force ./${path} rsync://h/${root}/\n\n`;

describe("the failure log", () => {
  it("is empty and private from the start", async () => {
    expect(await after(() => {})).toBe("");
    expect((await stat(join(directory, "fail.sh"))).mode & 0o7777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["fail.sh"]);
  });

  it("tells of the second failure only, with what the first was to bring", async () => {
    expect(await after(() => events.emit("failed", failed(1, { items: ["a"] })))).toBe("");
    const text = await after(() => {
      events.emit("failed", failed(1, { items: ["a"] }));
      events.emit("failed", failed(2, { deletes: ["b"] }));
      events.emit("failed", failed(2, { trees: ["c"] }, "bbs"));
    });
    expect(text).toBe(entry("a", 2560) + entry("b", 2560) + entry("c", 2560, "bbs"));
  });

  it("has paths that did not arrive twice, and loses those that arrived", async () => {
    const text = await after(() => {
      events.emit("pushed", pushed({ items: ["x", "d/y"] }, ["x", "d/y"], ["x", "d/y"]));
      events.emit("pushed", pushed({ items: ["z"] }, ["z"], []));
      events.emit("pushed", pushed({ items: ["x"], trees: ["e"] }));
    });
    expect(text).toBe(entry("d/y", 5888));
    const later = await after(() => {
      events.emit("pushed", pushed({ items: ["d/y", "d-y"] }, ["d/y", "d-y"]));
      events.emit("pushed", pushed({ deletes: ["d"] }));
    });
    expect(later).toBe(entry("d-y", 5888));
  });

  it("is cleared by a full sync, but for what failed in it, and by a target that has all", async () => {
    const fullSync = (phase: "started" | "done") =>
      events.emit("fullSync", { root: "www", target: "t", phase, reason: "", wallMs: 0 });
    const sync = (): void => {
      events.emit("pushed", pushed({ items: ["old"] }, ["old"]));
      fullSync("started");
      events.emit("pushed", pushed({ items: ["new"] }, ["new"]));
      fullSync("done");
    };
    expect(await after(sync)).toBe(entry("new", 5888));
    const idle = (): boolean => events.emit("idle", { root: "www", target: "t", sequence: 9 });
    const syncAndIdle = (): void => {
      sync();
      idle();
    };
    expect(await after(syncAndIdle)).toBe("");
  });

  it("keeps its entries when the configuration is read again, and drops those of targets that are gone", async () => {
    const first = settings(join(directory, "a.sh"));
    const logs = await openFailLogs(first, events, silentLogger);
    events.emit("failed", failed(2, { items: ["a"] }));
    events.emit("failed", failed(2, { items: ["b"] }, "bbs"));
    events.emit("failed", failed(1, { items: ["c"] }));
    await logs.configure({ ...first, roots: first.roots.slice(0, 1) });
    events.emit("failed", failed(2, {}));
    await logs.configure({ ...first, roots: first.roots.slice(0, 1) });
    expect(logs.size).toBe(2);
    await logs.close();
    expect(await readFile(join(directory, "a.sh"), "latin1")).toBe(
      entry("a", 2560) + entry("c", 2560),
    );
  });

  it("has a bounded size and tells what it leaves out", async () => {
    const items = Array.from({ length: 5000 }, (_, index) => `f${index}`);
    const text = await after(() => void events.emit("failed", failed(2, { items })));
    expect(text.match(/^#errno/gm)).toHaveLength(4000);
    expect(text).toMatch(/\n# \d+ more failures of this target found no room here\n\n$/);
  });

  it("replaces a link that somebody laid under its name", async () => {
    await writeFile(join(directory, "precious"), "mine");
    await symlink("precious", join(directory, "fail.sh"));
    await after(() => {});
    expect(await readFile(join(directory, "precious"), "utf8")).toBe("mine");
  });

  it("stays out of directories in which anybody can replace files", async () => {
    const open = join(directory, "open");
    await mkdir(join(open, "below"), { recursive: true });
    await chmod(open, 0o777);
    const warnings: LogFields[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (_message, fields = {}) => warnings.push(fields),
    };
    const path = join(open, "below", "fail.sh");
    const logs = await openFailLogs(settings(path), events, logger);
    await logs.close();
    expect(await readdir(join(open, "below"))).toEqual([]);
    expect(await readdir(directory)).toContain("fail.sh");
    expect(warnings[0]?.["reason"]).toBe(`anybody can replace files in ${open}`);
    await chmod(open, 0o1777);
    expect(await after(() => {}, path)).toBe("");
  });
});
