import type { DaemonConnection, RemoteDirectory } from "tsrsync";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SpareConnection } from "./spare-connection.js";

/** A directory whose connections are made by hand. */
function fakeRemote(canConnectAhead = true) {
  const waiting: { resolve(connection: DaemonConnection): void; reject(error: Error): void }[] = [];
  const remote = {
    canConnectAhead,
    connectAhead: (signal: AbortSignal) =>
      new Promise<() => Promise<DaemonConnection>>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        waiting.push({ resolve: (connection) => resolve(async () => connection), reject });
      }),
  };
  return { remote: remote as unknown as RemoteDirectory, waiting };
}

function fakeConnection(isUsable = true) {
  const connection = { isUsable, isClosed: false, close: () => {} };
  connection.close = () => {
    connection.isClosed = true;
  };
  return connection as typeof connection & DaemonConnection;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("one connection at a time is opened ahead, and taken once", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  expect(await spare.take()).toBe(null);
  spare.warm();
  spare.warm();
  expect(waiting.length).toBe(1);
  const taken = spare.take(); // while it is still being opened
  const connection = fakeConnection();
  waiting[0]!.resolve(connection);
  expect(await taken).toBe(connection);
  expect(await spare.take()).toBe(null);
});

it("one that the daemon has hung up on is closed", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  const dead = fakeConnection(false);
  waiting[0]!.resolve(dead);
  expect(await spare.take()).toBe(null);
  expect(dead.isClosed).toBe(true);
});

it("one that nobody takes is given back after a while", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  const idle = fakeConnection();
  waiting[0]!.resolve(idle);
  await vi.advanceTimersByTimeAsync(29_000);
  expect(idle.isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(2000);
  expect(idle.isClosed).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it("one is kept for as long as the settings want", async () => {
  const { remote, waiting } = fakeRemote();
  new SpareConnection(remote, 0, Date.now).warm();
  expect(waiting.length).toBe(0);
  new SpareConnection(remote, 1000, Date.now).warm();
  const idle = fakeConnection();
  waiting[0]!.resolve(idle);
  await vi.advanceTimersByTimeAsync(1001);
  expect(idle.isClosed).toBe(true);
});

it("one that was opened for what comes next is there for it, whatever is kept else", async () => {
  const { remote } = fakeRemote();
  const spare = new SpareConnection(remote, 0, Date.now);
  const reached = fakeConnection();
  await spare.keep(reached);
  await vi.advanceTimersByTimeAsync(100);
  expect(await spare.take()).toBe(reached);
});

it("none is asked for again at once where none was to be had", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  waiting[0]!.reject(new Error("max connections"));
  expect(await spare.take()).toBe(null);
  spare.warm();
  expect(waiting.length).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  spare.warm();
  expect(waiting.length).toBe(2);
  await spare.drop();
  spare.warm(); // letting go is no failure
  expect(waiting.length).toBe(3);
  await spare.drop();
});

it("nothing is opened ahead where that can not be", async () => {
  const { remote, waiting } = fakeRemote(false);
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  expect(waiting.length).toBe(0);
  await spare.drop();
});
