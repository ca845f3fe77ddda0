import { spawnSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WebSettings } from "../config/settings.js";
import type { MirrorStatus } from "../control/types.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import { silentLogger } from "../log/logger.js";
import { createLoginLine, createLogins } from "./logins.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { openWebServer, type WebServer } from "./web-server.js";

const status: MirrorStatus = {
  version: "1",
  pid: 1,
  started: "2026-01-01T00:00:00.000Z",
  journalBytes: 4096,
  roots: [
    {
      name: "www",
      path: "/w",
      state: "live",
      reason: "",
      watches: 12,
      shards: 2,
      polled: 3,
      openFiles: 1,
      events: 77,
      overflows: 0,
      sequence: 9,
      entries: 100,
      scanSeconds: 0.5,
      targets: [
        {
          name: "t",
          url: "rsync://h/m",
          state: "backing-off",
          reason: "",
          dirty: 5,
          lagSeconds: 2.5,
          sequence: 8,
          parked: [],
          parkedCount: 2,
          heldDeletes: 0,
          pushes: 1,
          failures: 1,
          retryInMs: 1500,
          lastError: null,
          lastSuccess: "2026-01-01T00:00:10.000Z",
          capabilities: null,
          fullSync: null,
          files: 1,
          deleted: 0,
          bytes: 1,
          sentBytes: 1,
          matchedBytes: 0,
        },
      ],
    },
  ],
};

let events: EventEmitter<MirrorEvents>;
let metrics: Metrics;
let server: WebServer | null = null;
beforeEach(() => {
  events = new EventEmitter();
  metrics = createMetrics(events, {
    status: () => status,
    hooks: () => [
      { root: "www", hook: "command 1", queued: 4, succeeded: 5, failed: 6, dropped: 0 },
    ],
  });
});
afterEach(async () => {
  metrics.close();
  await server?.close();
  server = null;
});

async function open(changes: Partial<WebSettings> = {}): Promise<string> {
  const settings = {
    host: "127.0.0.1",
    port: 0,
    users: null,
    tls: null,
    metrics: true,
    ...changes,
  };
  server = await openWebServer(settings, { status: () => status, metrics }, silentLogger);
  return `http://127.0.0.1:${server.port}`;
}

describe("the metrics", () => {
  it("have the mirror's state", async () => {
    const text = await metrics.text();
    for (const line of [
      'tsrsync_watch_watches{root="www"} 12',
      'tsrsync_watch_polled_dirs{root="www"} 3',
      'tsrsync_watch_shards{root="www"} 2',
      'tsrsync_watch_entries{root="www"} 100',
      'tsrsync_watch_scan_seconds{root="www"} 0.5',
      'tsrsync_watch_root_state{root="www",state="live"} 1',
      'tsrsync_watch_root_state{root="www",state="unmounted"} 0',
      'tsrsync_watch_events_total{root="www",kind="kernel"} 77',
      'tsrsync_watch_dirty_paths{root="www",target="t"} 5',
      'tsrsync_watch_lag_seconds{root="www",target="t"} 2.5',
      'tsrsync_watch_failed_paths{root="www",target="t"} 2',
      'tsrsync_watch_backoff_seconds{root="www",target="t"} 1.5',
      'tsrsync_watch_last_success_timestamp{root="www",target="t"} 1767225610',
      'tsrsync_watch_target_state{root="www",target="t",state="backing-off"} 1',
      'tsrsync_watch_hook_runs_total{root="www",hook="command 1",result="failed"} 6',
      'tsrsync_watch_hook_queue{root="www",hook="command 1"} 4',
      "tsrsync_watch_journal_bytes 4096",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/^tsrsync_watch_watch_limit \d+$/m);
    expect(text).toMatch(/^process_cpu_seconds_total [\d.]+$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds [\d.e-]+$/m);
    expect((await metrics.text()).match(/^tsrsync_watch_events_total\{.*\} 77$/m)).not.toBeNull();
  });

  it("count what happens", async () => {
    const scope = { root: "www", target: "t" };
    const plan = {
      items: ["a", "b", "c"],
      forced: new Set<string>(),
      deletes: ["d"],
      trees: ["e"],
      links: [{ from: "o", to: "c" }],
    };
    const batch = { ...scope, batch: 1, sequence: 1, plan };
    const outcome = {
      failed: new Map(),
      problems: [],
      files: 3,
      bytes: 900,
      sentBytes: 100,
      matchedBytes: 800,
      deleted: 1,
    };
    const times = {
      wallMs: 41,
      delayMs: 63,
      delaysMs: [5, 63, 20],
      failedAgain: new Set<string>(),
    };
    events.emit("pushed", { ...batch, outcome, ...times });
    events.emit("pushed", {
      ...batch,
      outcome: { ...outcome, failed: new Map([["a", "x"]]) },
      ...times,
    });
    const failure = {
      failure: "full" as const,
      exitCode: 11,
      message: "",
      retryInMs: 1,
      wallMs: 1,
    };
    events.emit("failed", { ...batch, ...failure, attempt: 1 });
    events.emit("failed", { ...batch, ...failure, attempt: 2 });
    events.emit("overflow", { root: "www", count: 1 });
    events.emit("verified", { ...scope, entries: 10, differences: 4, paths: [], repaired: 0 });
    const lines = (await metrics.text()).split("\n");
    const labels = 'root="www",target="t"';
    for (const line of [
      `tsrsync_watch_pushes_total{${labels},result="ok"} 1`,
      `tsrsync_watch_pushes_total{${labels},result="partial"} 1`,
      `tsrsync_watch_pushes_total{${labels},result="failed"} 2`,
      `tsrsync_watch_retries_total{${labels}} 1`,
      `tsrsync_watch_push_seconds_count{${labels}} 2`,
      `tsrsync_watch_delay_seconds_count{${labels}} 6`,
      `tsrsync_watch_delay_seconds_bucket{le="0.01",${labels}} 2`,
      `tsrsync_watch_files_total{${labels},kind="upsert"} 6`,
      `tsrsync_watch_files_total{${labels},kind="delete"} 2`,
      `tsrsync_watch_files_total{${labels},kind="rename"} 2`,
      `tsrsync_watch_bytes_sent_total{${labels}} 200`,
      `tsrsync_watch_bytes_matched_total{${labels}} 1600`,
      `tsrsync_watch_overflows_total{root="www"} 1`,
      `tsrsync_watch_verify_differences_total{${labels}} 4`,
    ]) {
      expect(lines).toContain(line);
    }
  });
});

describe("the web address", () => {
  it("shows metrics, status and health, and nothing else", async () => {
    const url = await open();
    const page = await fetch(`${url}/metrics`);
    expect(page.headers.get("content-type")).toContain("version=0.0.4");
    expect(await page.text()).toContain("tsrsync_watch_watches");
    expect(await (await fetch(`${url}/status`)).json()).toEqual(status);
    const codes = ["/", "/metrics/", "/../status%2f", "//x"].map(
      async (path) => (await fetch(url + path)).status,
    );
    expect(new Set(await Promise.all(codes))).toEqual(new Set([404]));
    expect((await fetch(`${url}/status`, { method: "POST" })).status).toBe(405);
    await server?.close();
    expect((await fetch(`${await open({ metrics: false })}/metrics`)).status).toBe(404);
  });

  it("tells that it lives, and whether all is well when asked with a limit", async () => {
    const url = await open({ users: [await createLoginLine("u", "p")] });
    const ask = async (path: string): Promise<unknown> => {
      const answer = await fetch(url + path);
      return [answer.status, (await answer.text()).trim()];
    };
    expect(await ask("/healthz")).toEqual([200, "degraded"]);
    expect(await ask("/healthz?maxLag=60")).toEqual([503, "degraded"]);
  });

  it("asks for a login when there are any", async () => {
    const url = await open({ users: ["# people", "", await createLoginLine("ann", "pä:ss")] });
    const ask = async (login?: string): Promise<number> => {
      const authorization = `Basic ${Buffer.from(login ?? "").toString("base64")}`;
      const headers = login === undefined ? {} : { authorization };
      return (await fetch(`${url}/metrics`, { headers })).status;
    };
    expect(await ask("ann:pä:ss")).toBe(200);
    expect(await ask("ann:pä:ss")).toBe(200);
    for (const wrong of [undefined, "ann:x", "bob:pä:ss", "ann", ":", ""]) {
      expect(await ask(wrong)).toBe(401);
    }
  });

  it("turns a page of the web away that asks under a name of its own", async () => {
    const url = await open();
    const code = await new Promise((resolve) => {
      const asked = request(`${url}/status`, { headers: { host: "evil.example:80" } }, (found) => {
        found.resume();
        resolve(found.statusCode);
      });
      asked.end();
    });
    expect(code).toBe(403);
  });

  it("speaks TLS when it has a certificate", async () => {
    const place = mkdtempSync(join(tmpdir(), "ops-tls-"));
    const [key, cert] = [join(place, "key"), join(place, "cert")];
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert];
    const made = spawnSync("openssl", [...words, "-days", "1", "-subj", "/CN=localhost"]);
    expect(made.status).toBe(0);
    await open({ tls: { key, cert } });
    const code = await new Promise((resolve, reject) => {
      const options = { rejectUnauthorized: false };
      const asked = requestTls(`https://127.0.0.1:${server?.port}/healthz`, options, (found) => {
        found.resume();
        resolve(found.statusCode);
      });
      asked.once("error", reject);
      asked.end();
    });
    expect(code).toBe(200);
    rmSync(place, { recursive: true });
  });

  it("refuses logins that it can not check", async () => {
    const hash = "$2y$05$abcdefghijklmnopqrstuvabcdefghijklmnopqrstuvwxyzabcde";
    expect(() => createLogins([`u:${hash}`])).toThrow("bcrypt is not offered");
    expect(() => createLogins(["u:secret"])).toThrow("expected $scrypt$");
    expect(() => createLogins(["u:$scrypt$ln=30,r=8,p=1$YWJj$YWJj"])).toThrow("expected $scrypt$");
    expect(() => createLogins(["nobody"])).toThrow("expected lines user:hash");
    expect(() => createLogins(["# none"])).toThrow("at least one line");
    await expect(createLoginLine("a:b", "x")).rejects.toThrow("no colon");
  });
});
