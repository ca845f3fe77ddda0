import { EventEmitter } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WatchSettings, WebSettings } from "../config/settings.js";
import { connectControl } from "../control/client.js";
import type { MirrorControl, MirrorStatus } from "../control/types.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import { createLog, type Log } from "../log/create-log.js";
import { type Operations, openOperations } from "./operations.js";

let place = "";
let events: EventEmitter<MirrorEvents>;
let log: Log;
const lines: string[] = [];
let operations: Operations | null = null;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "ops-all-"));
  events = new EventEmitter();
  events.setMaxListeners(0);
  lines.length = 0;
  log = createLog(
    { level: "info", format: "text", file: null, rotate: { size: 0, keep: 0 } },
    { sink: { write: (line) => void lines.push(line.slice(25)), reopen() {}, close() {} } },
  );
});
afterEach(async () => {
  await operations?.close();
  operations = null;
  rmSync(place, { recursive: true });
});

const status = { version: "1", pid: 1, started: "", roots: [], journalBytes: 0 } as MirrorStatus;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function settings(web: Partial<WebSettings> | null): WatchSettings {
  const program = join(place, "program");
  writeFileSync(program, `#!/bin/sh\necho "$*" >> ${place}/told\n`, { mode: 0o755 });
  const common = { users: null, tls: null, metrics: true, host: "127.0.0.1", port: 0 };
  return {
    daemon: { stateDir: place },
    web: web === null ? null : { ...common, ...web },
    notify: [{ events: ["overflow"], minInterval: 0, exec: [program, "alarm", "{root}"] }],
    roots: [
      {
        name: "www",
        path: "/w",
        hooks: [],
        targets: [
          {
            name: "t",
            url: "rsync://h/m",
            auth: { password: null, identity: null },
            rsync: { options: [] },
            timeout: 0,
            failLog: { path: join(place, "fail.sh") },
          },
        ],
      },
    ],
  } as unknown as WatchSettings;
}

const mirrorOf = (control: Partial<MirrorControl>): MirrorControl & EventEmitter<MirrorEvents> =>
  Object.assign(events, control) as MirrorControl & EventEmitter<MirrorEvents>;

const open = async (web: Partial<WebSettings> | null): Promise<Operations> => {
  const mirror = mirrorOf({ status: () => status, release: () => Promise.resolve(7) });
  operations = await openOperations(settings(web), mirror, log);
  return operations;
};

function push(): void {
  const plan = {
    items: ["f", "bad"],
    forced: new Set<string>(),
    deletes: [],
    trees: [],
    links: [],
  };
  const outcome = {
    failed: new Map([["bad", "denied"]]),
    problems: [],
    files: 1,
    bytes: 10,
    sentBytes: 10,
    matchedBytes: 0,
    deleted: 0,
  };
  const times = { wallMs: 4, delayMs: 5, delaysMs: [5], failedAgain: new Set(["bad"]) };
  events.emit("pushed", {
    root: "www",
    target: "t",
    batch: 1,
    sequence: 3,
    plan,
    outcome,
    ...times,
  });
}

/** Without a connection that is kept: the address may be opened anew in between. */
const get = (port: number, path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: "close" } });

describe("everything around a mirror", () => {
  it("is fed by its events, and complete when it is closed", async () => {
    const port = await freePort();
    await open({ port });
    push();
    events.emit("overflow", { root: "www", count: 1 });
    const page = await (await get(port, "/metrics")).text();
    expect(page).toContain('tsrsync_watch_pushes_total{root="www",target="t",result="partial"} 1');
    const client = await connectControl(place);
    expect(await client.release()).toBe(7);
    client.close();
    await operations?.close();
    operations = null;
    const told = readFileSync(join(place, "told"), "utf8").split("\n").sort();
    expect(told).toEqual(["", "alarm www"]);
    expect(readFileSync(join(place, "fail.sh"), "utf8")).toMatch(/^#errno 5888\ncd \/w && rsync /);
    expect(JSON.parse(readFileSync(join(place, "status.json"), "utf8"))).toEqual(status);
    expect(lines[0]).toMatch(/^warn push root=www target=t seq=3 paths=2 .* failed=1 partial$/);
    expect(readdirSync(place)).not.toContain("control.sock");
    await expect(get(port, "/metrics")).rejects.toThrow();
    for (const name of events.eventNames()) expect(events.listenerCount(name)).toBe(0);
  });

  it("takes over another configuration, and keeps what it counted", async () => {
    const port = await freePort();
    await open({ port });
    push();
    const next = await freePort();
    const figures = {
      root: "www",
      hook: "command 1",
      queued: 3,
      succeeded: 1,
      failed: 0,
      dropped: 0,
    };
    await operations?.configure(settings({ port: next }), { figures: () => [figures] });
    push();
    const page = await (await get(next, "/metrics")).text();
    expect(page).toContain('tsrsync_watch_pushes_total{root="www",target="t",result="partial"} 2');
    await expect(get(port, "/metrics")).rejects.toThrow();
    expect(page).toContain('tsrsync_watch_hook_queue{root="www",hook="command 1"} 3');
    expect(lines.filter((line) => line.startsWith("warn push"))).toHaveLength(2);
    await operations?.configure(settings({ port: next, users: ["u:x"] }), { figures: () => [] });
    expect(lines.at(-1)).toMatch(/^error web address not opened, .* reason="web\.auth\.users/);
    expect((await get(next, "/healthz")).status).toBe(200);
  });

  it("leaves nothing open when a part can not be had", async () => {
    await expect(open({ users: ["nobody"] })).rejects.toThrow("web.auth.users");
    for (const name of events.eventNames()) expect(events.listenerCount(name)).toBe(0);
    expect(readdirSync(place)).not.toContain("control.sock");
    await open(null);
    const listeners = events.listenerCount("pushed");
    const second = openOperations(settings(null), mirrorOf({}), log);
    await expect(second).rejects.toThrow("another mirror answers");
    expect(events.listenerCount("pushed")).toBe(listeners);
  });
});
