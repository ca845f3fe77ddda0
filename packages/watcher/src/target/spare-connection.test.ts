import { EventEmitter, once } from "node:events";
import type { ConnectionAhead, DaemonConnection, RemoteDirectory } from "tsrsync";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SpareConnection } from "./spare-connection.js";

/** A connection that is being opened ahead. */
interface Waiting {
  readonly signal: AbortSignal;
  readonly isLikeLast: boolean;
  resolve(opened: ConnectionAhead): void;
  reject(error: Error): void;
}

/** A directory whose connections are made by hand. */
function fakeRemote(canConnectAhead = true) {
  const waiting: Waiting[] = [];
  const released: DaemonConnection[] = [];
  const remote = {
    canConnectAhead,
    connectAhead: (signal: AbortSignal, isLikeLast: boolean) =>
      new Promise<ConnectionAhead>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        waiting.push({ signal, isLikeLast, resolve, reject });
      }),
    release(connection: DaemonConnection) {
      released.push(connection);
      connection.close();
      return Promise.resolve();
    },
  };
  return { remote: remote as unknown as RemoteDirectory, waiting, released };
}

function fakeConnection({ isUsable = true, isTold = false } = {}) {
  const connection = {
    isUsable,
    opening: isTold ? {} : null,
    isClosed: false,
    close() {
      connection.isClosed = true;
    },
  };
  return connection as typeof connection & DaemonConnection;
}

function openedWith(connection: DaemonConnection): ConnectionAhead {
  return { isTold: connection.opening !== null, logIn: () => Promise.resolve(connection) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("one connection at a time is opened ahead, and taken once", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  expect(await spare.take()).toBe(null);
  spare.warm();
  spare.warm();
  expect(waiting.map(({ isLikeLast }) => isLikeLast)).toEqual([true]);
  const taken = spare.take(); // while it is still being opened
  const connection = fakeConnection();
  waiting[0]!.resolve(openedWith(connection));
  expect(await taken).toBe(connection);
  expect(await spare.take()).toBe(null);
});

it("one that the daemon has hung up on is closed", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  const dead = fakeConnection({ isUsable: false });
  waiting[0]!.resolve(openedWith(dead));
  expect(await spare.take()).toBe(null);
  expect(dead.isClosed).toBe(true);
});

it("one that nobody takes is given back after a while", async () => {
  const { remote, waiting } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  const idle = fakeConnection();
  waiting[0]!.resolve(openedWith(idle));
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
  waiting[0]!.resolve(openedWith(idle));
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

it("one that is kept stands in for the one that was there", async () => {
  const { remote, waiting, released } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  const first = fakeConnection();
  waiting[0]!.resolve(openedWith(first));
  const second = fakeConnection();
  await spare.keep(second);
  expect(released).toEqual([first]);
  expect(await spare.take()).toBe(second);
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

/** What is there of a spare whose daemon was told of a push: opened, or given to be kept. */
async function toldSpare(how: "opened" | "kept", keptMs = 30_000) {
  const { remote, waiting, released } = fakeRemote();
  const spare = new SpareConnection(remote, keptMs, Date.now);
  const told = fakeConnection({ isTold: true });
  if (how === "kept") {
    await spare.keep(told);
  } else {
    spare.warm();
    waiting[0]!.resolve(openedWith(told));
    await vi.advanceTimersByTimeAsync(0);
  }
  return { spare, told, released };
}

it.each(["opened", "kept"] as const)(
  "one that was told of a push and %s is given back soon",
  async (how) => {
    const { spare, told, released } = await toldSpare(how);
    await vi.advanceTimersByTimeAsync(1900);
    expect(released).toEqual([]);
    await vi.advanceTimersByTimeAsync(200); // it is not kept as long as another one
    expect(released).toEqual([told]);
    expect(await spare.take()).toBe(null);
    expect(vi.getTimerCount()).toBe(0);
  },
);

it("one that was told of a push is taken like any other", async () => {
  const { spare, told, released } = await toldSpare("kept");
  await vi.advanceTimersByTimeAsync(1900);
  expect(await spare.take()).toBe(told);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(released).toEqual([]);
});

it("one that was told of a push is kept no longer than the settings want", async () => {
  const { told, released } = await toldSpare("opened", 500);
  await vi.advanceTimersByTimeAsync(501);
  expect(released).toEqual([told]);
});

/** A spare that was told of a push, and whose daemon does not answer. */
async function silentSpare() {
  const { remote, waiting, released } = fakeRemote();
  const spare = new SpareConnection(remote, 30_000, Date.now);
  spare.warm();
  const { signal, resolve } = waiting[0]!;
  const answers = new EventEmitter();
  const onAbort = () => answers.emit("error", signal.reason);
  signal.addEventListener("abort", onAbort);
  const connection = once(answers, "in")
    .then(([told]: DaemonConnection[]) => told!)
    .finally(() => signal.removeEventListener("abort", onAbort));
  resolve({ isTold: true, logIn: () => connection });
  await vi.advanceTimersByTimeAsync(0);
  return { spare, answers, signal, waiting, released };
}

it("nobody waits for long for the answer to one that goes out of use", async () => {
  const { spare, signal, released, waiting } = await silentSpare();
  let isOver = false;
  const dropped = spare.drop().then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(1900);
  expect([signal.aborted, isOver]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(200);
  expect([signal.aborted, isOver]).toEqual([true, true]);
  await dropped;
  expect(released).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  spare.warm(); // letting go is no failure
  expect(waiting.length).toBe(2);
  await spare.drop();
});

it("one that goes out of use while its daemon lets it in ends in good order", async () => {
  const { spare, answers, signal, released } = await silentSpare();
  const dropped = spare.drop();
  await vi.advanceTimersByTimeAsync(1000);
  const told = fakeConnection({ isTold: true });
  answers.emit("in", told);
  await dropped;
  expect(released).toEqual([told]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(signal.aborted).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it("after a daemon that had changed none is opened ahead for a while", async () => {
  const { spare, answers, waiting } = await silentSpare();
  const taken = spare.take();
  answers.emit("error", new Error("the daemon has changed"));
  expect(await taken).toBe(null);
  spare.warm();
  expect(waiting.length).toBe(1);
  await vi.advanceTimersByTimeAsync(60_000);
  spare.warm();
  expect(waiting.length).toBe(2);
  await spare.drop();
});
