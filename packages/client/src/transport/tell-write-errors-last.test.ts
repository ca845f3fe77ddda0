import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connectTcp } from "./tcp.js";

/** A program of its own, for it has to go on while we are busy: says something to who comes, and closes the line. */
const PEER = `
const server = require("node:net").createServer({ pauseOnConnect: true }, (socket) => {
  socket.on("error", () => {});
  socket.write("last words");
  setTimeout(() => socket.resetAndDestroy(), 50);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

const peers: ChildProcess[] = [];
afterEach(() => {
  for (const peer of peers.splice(0)) peer.kill();
});

async function connectToPeer(): Promise<Socket> {
  const peer = spawn(process.execPath, ["-e", PEER], { stdio: ["ignore", "pipe", "inherit"] });
  peers.push(peer);
  const [line] = (await once(peer.stdout, "data")) as [Buffer];
  return connectTcp({ host: "127.0.0.1", port: Number(line.toString()), role: "sender" });
}

/** Neither reads nor does anything else. */
function beBusy(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

test.each([1, 3])("what a peer said last is read before %d writes fail", async (writes) => {
  const socket = await connectToPeer();
  const heard: string[] = [];
  socket.on("data", (chunk: Buffer) => heard.push(chunk.toString()));
  const failure = once(socket, "error") as Promise<[Error]>;
  beBusy(200);
  socket.cork();
  for (let i = 0; i < writes; i++) socket.write(Buffer.alloc(50_000));
  socket.uncork();
  const [error] = await failure;
  expect(heard).toEqual(["last words"]);
  expect(error.message).toMatch(/^(write|read) (EPIPE|ECONNRESET)/);
});

test("nobody waits long for words that are not read", async () => {
  const socket = await connectToPeer();
  socket.pause();
  const failure = once(socket, "error") as Promise<[Error]>;
  beBusy(200);
  const startMs = performance.now();
  socket.write(Buffer.alloc(50_000));
  await failure;
  expect(performance.now() - startMs).toBeLessThan(3000);
});
