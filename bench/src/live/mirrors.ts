/**
 * The mirrors that are compared: ours and lsyncd, both pushing to the same real rsyncd.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A running mirror. */
export interface Mirror {
  name: MirrorName;
  pid: number;
  stop(): Promise<void>;
}

export type MirrorName = "tsrsync-watch" | "lsyncd";

/** Where a mirror works. */
export interface MirrorPlace {
  work: string;
  source: string;
  /** `host::module`, without a host name that would have to be looked up. */
  port: number;
  module: string;
}

const WATCH = fileURLToPath(
  new URL("../../../packages/watcher/bin/tsrsync-watch.js", import.meta.url),
);
const LIVE_WITHIN_MS = 300_000;

function stopper(child: ChildProcess): () => Promise<void> {
  return async () => {
    if (child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + LIVE_WITHIN_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within 300 s`);
    await delay(5);
  }
}

async function startOurs({ work, source, port, module }: MirrorPlace): Promise<Mirror> {
  const config = `${work}/watch.yaml`;
  const log = `${work}/watch.log`;
  writeFileSync(log, "");
  writeFileSync(
    config,
    `version: 1
daemon: { stateDir: ${work}/state }
log: { file: ${log}, level: info }
roots:
  - name: bench
    path: ${source}
    targets: [{ name: rsyncd, url: "rsync://127.0.0.1:${port}/${module}", adopt: true }]
`,
  );
  const child = spawn(process.execPath, [WATCH, "-o", config], { stdio: "inherit" });
  await until("tsrsync-watch", () => {
    if (child.exitCode !== null) throw new Error("tsrsync-watch ended");
    return / root=bench state=live/.test(readFileSync(log, "utf8"));
  });
  return { name: "tsrsync-watch", pid: child.pid!, stop: stopper(child) };
}

async function startLsyncd({ work, source, port, module }: MirrorPlace): Promise<Mirror> {
  const config = `${work}/lsyncd.lua`;
  const log = `${work}/lsyncd.log`;
  writeFileSync(log, "");
  writeFileSync(
    config,
    `settings { logfile = "${log}", nodaemon = true }
sync { default.rsync, source = "${source}", target = "rsync://127.0.0.1:${port}/${module}", delay = 0,
  rsync = { archive = true } }
`,
  );
  const child = spawn("lsyncd", ["-nodaemon", config], { stdio: "ignore" });
  await until("lsyncd", () => {
    if (child.exitCode !== null) throw new Error("lsyncd ended");
    return /Startup of .* finished/.test(readFileSync(log, "utf8"));
  });
  return { name: "lsyncd", pid: child.pid!, stop: stopper(child) };
}

/** Starts a mirror; it is live when this resolves. */
export function startMirror(name: MirrorName, place: MirrorPlace): Promise<Mirror> {
  mkdirSync(place.work, { recursive: true });
  return name === "lsyncd" ? startLsyncd(place) : startOurs(place);
}

/** A real rsyncd with one module `m` over `directory`, its sockets without delay. */
export async function startTarget(
  work: string,
  directory: string,
  port: number,
): Promise<() => Promise<void>> {
  const config = `${work}/rsyncd.conf`;
  const pidFile = `${work}/rsyncd.pid`;
  const identity = process.geteuid?.() === 0 ? "uid = 0\ngid = 0\n" : "";
  writeFileSync(
    config,
    `address = 127.0.0.1\nuse chroot = no\nreverse lookup = no\nsocket options = TCP_NODELAY\npid file = ${pidFile}\n` +
      `log file = ${work}/rsyncd.log\n${identity}[m]\npath = ${directory}\nread only = no\n`,
  );
  const child = spawn(
    "rsync",
    ["--daemon", "--no-detach", `--config=${config}`, `--port=${port}`],
    {
      stdio: "inherit",
    },
  );
  await until("rsyncd", () => existsSync(pidFile));
  await delay(100);
  return stopper(child);
}
