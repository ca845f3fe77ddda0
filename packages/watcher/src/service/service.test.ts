import { EventEmitter } from "node:events";
import { closeSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindRequired, loadLibrary } from "@tsrsync/transfer/linux";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { MirrorStatus } from "../control/types.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import { type Logger, silentLogger } from "../log/logger.js";
import { announce } from "./announce.js";
import { unixAddress } from "./datagram.js";
import { openServiceManager, type ServiceManager } from "./service-manager.js";
import { followStatusLine, formatStatusLine } from "./status-line.js";

const endings: (() => void)[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const end of endings.splice(0)) end();
});

/** A datagram socket as the manager has it; what came is read without waiting. */
function manager(path: string): () => string[] {
  const library = loadLibrary();
  if (library === null) throw new Error("koffi is needed");
  const socket = bindRequired(library, "int", "socket", ["int", "int", "int"])(1, 2, 0);
  const address = unixAddress(path);
  const bind = bindRequired(library, "int", "bind", ["int", "void *", "uint"]);
  expect(library.outcome(bind(socket, address, address.length))).toBe(0);
  endings.push(() => closeSync(socket));
  const receive = bindRequired(library, "long", "recv", ["int", "void *", "size_t", "int"]);
  return () => {
    const found: string[] = [];
    const bytes = Buffer.alloc(4096);
    for (;;) {
      const length = receive(socket, bytes, bytes.length, 0x40);
      if (length < 0) return found;
      found.push(bytes.toString("utf8", 0, length));
    }
  };
}

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), "ops-service-"));
  endings.push(() => rmSync(directory, { recursive: true }));
  return join(directory, "notify");
}

const status = (changes: object): MirrorStatus =>
  ({
    roots: [
      {
        name: "www",
        state: "live",
        reason: "",
        targets: [
          { name: "a", state: "idle", reason: "", dirty: 0, lagSeconds: 0 },
          { name: "b", state: "backing-off", reason: "refused", dirty: 17, lagSeconds: 3.2 },
        ],
        ...changes,
      },
    ],
  }) as unknown as MirrorStatus;

describe("the service manager", () => {
  it.each(["path", "abstract"])("is told over a socket with a %s name", (kind) => {
    const path = kind === "path" ? place() : `@ops-service-${process.pid}`;
    const received = manager(path);
    const environment: NodeJS.ProcessEnv = { NOTIFY_SOCKET: path, HOME: "/" };
    const service = openServiceManager(environment, silentLogger);
    service.ready();
    service.status("a\nREADY=0");
    service.reloading();
    service.stopping();
    service.close();
    expect(received()).toEqual([
      "READY=1",
      "STATUS=a READY=0",
      expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=\d+$/),
      "STOPPING=1",
    ]);
    expect(environment).toEqual({ HOME: "/" });
  });

  it("gets pings at half of the time that it allows, if they are asked of this process", () => {
    vi.useFakeTimers();
    const path = place();
    const received = manager(path);
    const common = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "60000000" };
    const service = openServiceManager({ ...common, WATCHDOG_PID: `${process.pid}` }, silentLogger);
    vi.advanceTimersByTime(95_000);
    expect(received()).toEqual(["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
    service.close();
    const other = openServiceManager({ ...common, WATCHDOG_PID: "1" }, silentLogger);
    expect(vi.getTimerCount()).toBe(0);
    other.close();
  });

  it("need not be there, or be reachable", () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    openServiceManager({}, logger).ready();
    const gone = openServiceManager({ NOTIFY_SOCKET: place() }, logger);
    gone.ready();
    gone.close();
    expect(warnings).toEqual([]);
    openServiceManager({ NOTIFY_SOCKET: "vsock:2:1234" }, logger).ready();
    expect(warnings).toEqual([expect.stringContaining("Type=exec")]);
  });

  it.each([
    ["when the mirror has started", () => Promise.resolve(), 0, ["ready"]],
    ["when its walk takes long", () => new Promise<void>(() => {}), 21_000, ["ready"]],
    ["never when it could not start", () => Promise.reject(new Error("no")), 60_000, []],
  ])("is told that the mirror is ready %s", async (_when, start, wait, expected) => {
    vi.useFakeTimers();
    const told: string[] = [];
    const service: ServiceManager = {
      isThere: true,
      ready: () => told.push("ready"),
      status() {},
      reloading() {},
      stopping() {},
      close() {},
    };
    const mirror = Object.assign(new EventEmitter<MirrorEvents>(), { status: () => status({}) });
    const stop = announce(service, mirror, start());
    await vi.advanceTimersByTimeAsync(wait);
    expect(told).toEqual(expected);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual(expected);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("shows the mirror in one line", () => {
    expect(formatStatusLine(status({}))).toBe(
      "1 root, 2 targets, 1 up to date, 17 paths to go (4 s); www/b: backing-off (refused)",
    );
    expect(formatStatusLine(status({ state: "guarded", reason: "marker", targets: [] }))).toBe(
      "1 root, 0 targets, 0 up to date; www: guarded (marker)",
    );
  });

  it("gets the line when something happens, at most once a second", () => {
    vi.useFakeTimers();
    const lines: string[] = [];
    const service: ServiceManager = {
      isThere: true,
      ready() {},
      status: (line) => lines.push(line),
      reloading() {},
      stopping() {},
      close() {},
    };
    const events = new EventEmitter<MirrorEvents>();
    const stop = followStatusLine(service, () => status({}), events);
    vi.advanceTimersByTime(1);
    for (let i = 0; i < 5; i++) events.emit("idle", { root: "www", target: "a", sequence: 1 });
    vi.advanceTimersByTime(5000);
    expect(lines).toHaveLength(2);
    stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("costs nothing where it is not there", () => {
    vi.useFakeTimers();
    const events = new EventEmitter<MirrorEvents>();
    const stop = followStatusLine(openServiceManager({}, silentLogger), () => status({}), events);
    expect([events.eventNames(), vi.getTimerCount()]).toEqual([[], 0]);
    stop();
  });
});
