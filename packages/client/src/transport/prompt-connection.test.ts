import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { loadLinuxCalls } from "@tsrsync/transfer/linux";
import { describe, expect, it, vi } from "vitest";
import { Habits } from "./habits.js";
import { PromptConnection } from "./prompt-connection.js";
import { startPeer } from "./testing-peer.js";

const calls = loadLinuxCalls();

/** Opens a connection and gathers what comes over it; `take` receives until so much is there, in whatever way. */
async function open(port: number, habits = new Habits()) {
  // Another test may have shown that peers on this machine are slow.
  const connection = await vi.waitFor(
    () => PromptConnection.open(calls!, habits, "127.0.0.1", port) ?? Promise.reject(new Error()),
    { timeout: 10_000 },
  );
  const chunks: Uint8Array[] = [];
  connection.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  connection.on("error", () => {});
  connection.setMaxListeners(0);
  const received = () => Buffer.concat(chunks);
  const take = async (count: number) => {
    while (received().length < count && !connection.destroyed) {
      if (connection.receiveNow()) continue;
      connection.resume();
      await Promise.race([once(connection, "data"), once(connection, "close")]);
    }
    return received();
  };
  return { connection, received, take };
}

describe.runIf(calls !== null)("a connection whose peer is waited for", () => {
  it("brings bytes both ways, in their order, however many and whoever waits", async () => {
    const peer = await startPeer("socket.pipe(socket);");
    const { connection, take } = await open(peer.port);
    const sent = Buffer.from(Array.from({ length: 3 << 20 }, (_, at) => (at * 7) ^ (at >> 8)));
    connection.write(sent.subarray(0, 10));
    expect(await take(10)).toEqual(sent.subarray(0, 10));
    let taken = 0;
    for (let at = 10; at < sent.length; at += 100_000) {
      const end = Math.min(at + 100_000, sent.length);
      connection.write(sent.subarray(at, end), () => {
        taken += end - at;
      });
    }
    expect((await take(sent.length)).equals(sent)).toBe(true);
    expect(taken).toBe(sent.length - 10);
    expect(connection.bytesRead).toBe(sent.length);
    connection.destroy();
    await peer.close();
  });

  it("receives at once what comes at once", async () => {
    const peer = await startPeer("socket.pipe(socket);");
    await vi.waitFor(async () => {
      const { connection, received } = await open(peer.port);
      connection.write(Buffer.from("question"));
      const came = connection.receiveNow();
      connection.destroy();
      expect(came && received().toString()).toBe("question");
    });
    await peer.close();
  });

  it("a peer that thinks for long is waited for by Node", async () => {
    const peer = await startPeer(
      'socket.on("data", (data) => setTimeout(() => socket.write(data), 50));',
    );
    const { connection, take } = await open(peer.port);
    connection.write(Buffer.from("question"));
    expect(connection.receiveNow()).toBe(false);
    expect((await take(8)).toString()).toBe("question");
    connection.write(Buffer.from(" again"));
    expect((await take(14)).toString()).toBe("question again");
    connection.destroy();
    await peer.close();
  });

  it("tells of the end, and of a reset", async () => {
    const peer = await startPeer(
      'socket.on("data", (data) => (String(data) === "end" ? socket.end("last") : socket.resetAndDestroy()));',
    );
    const one = await open(peer.port);
    one.connection.write(Buffer.from("end"));
    expect((await one.take(4)).toString()).toBe("last");
    const ended = once(one.connection, "end");
    while (one.connection.receiveNow());
    one.connection.resume();
    await ended;
    const other = await open(peer.port);
    const failed = new Promise<Error>((resolve) => other.connection.once("error", resolve));
    other.connection.write(Buffer.from("reset"));
    while (other.connection.receiveNow());
    other.connection.resume();
    expect((await failed).message).toContain("ECONNRESET");
    await peer.close();
  });

  it("sees whether the peer is still there, and silent", async () => {
    const peer = await startPeer(
      'socket.on("data", (data) => (String(data) === "end" ? socket.end() : socket.write(data)));',
    );
    const { connection } = await open(peer.port);
    expect(connection.isSilent).toBe(true);
    connection.write(Buffer.from("x"));
    await vi.waitFor(() => expect(connection.isSilent).toBe(false));
    connection.destroy();
    expect(connection.isSilent).toBe(false);
    const other = await open(peer.port);
    other.connection.write(Buffer.from("end"));
    await vi.waitFor(() => expect(other.connection.isSilent).toBe(false));
    other.connection.destroy();
    await peer.close();
  });

  it("says nothing when nobody listens", async () => {
    const peer = await startPeer("");
    const { port } = peer;
    await peer.close();
    expect(PromptConnection.open(calls!, new Habits(), "127.0.0.1", port)).toBe(null);
  });

  it("wakes up once for an answer in two parts, as soon as such answers are its habit", async () => {
    const peer = await startPeer(
      'socket.on("data", () => { socket.write("a"); setTimeout(() => socket.write("b"), 1); });',
    );
    const habits = new Habits();
    let chunks: string[] = [];
    await vi.waitFor(
      async () => {
        const { connection, take, received } = await open(peer.port, habits);
        chunks = [];
        connection.on("data", (chunk: Uint8Array) => chunks.push(Buffer.from(chunk).toString()));
        connection.write(Buffer.from("?"));
        await take(2);
        expect(received().toString()).toBe("ab");
        connection.destroy();
        expect(chunks).toEqual(["ab"]);
      },
      { timeout: 10_000 },
    );
    await peer.close();
  });

  it("an answer that is shorter than usual is received all the same", async () => {
    const peer = await startPeer('socket.on("data", () => socket.write("ab"));');
    const habits = new Habits();
    habits.learn([20]);
    habits.learn([20]);
    const { connection, take } = await open(peer.port, habits);
    connection.write(Buffer.from("?"));
    expect((await take(2)).toString()).toBe("ab");
    connection.destroy();
    await delay(0);
    expect(habits.expected(0)).toBe(0);
    await peer.close();
  });
});
