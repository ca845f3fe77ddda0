import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { loadLinuxCalls } from "@tsrsync/transfer/linux";
import { expect, test, vi } from "vitest";
import { targetSettings } from "../../../../tests/support/watch-target.js";
import { TargetClient } from "./target-client.js";

const [IPPROTO_TCP, TCP_NODELAY] = [6, 1];
const calls = loadLinuxCalls();

/** The option of a connection's socket, as the kernel has it. */
async function noDelayOf(nodelay: boolean): Promise<number> {
  const daemon = createServer(() => {}).listen(0, "127.0.0.1");
  await once(daemon, "listening");
  const sockets: Socket[] = [];
  const onSocket = (message: unknown) => void sockets.push((message as { socket: Socket }).socket);
  subscribe("net.client.socket", onSocket);
  const url = `rsync://localhost:${(daemon.address() as AddressInfo).port}/m`;
  const connect = { timeout: 10_000, keepAlive: 0, nodelay };
  const target = new TargetClient("/tmp", targetSettings(url, { connect }));
  const abort = new AbortController();
  const reached = target.reach({ signal: abort.signal });
  try {
    await once(daemon, "connection");
    await vi.waitFor(() => expect(sockets[0]?.connecting).toBe(false));
    const { fd } = (sockets[0] as unknown as { _handle: { fd: number } })._handle;
    return calls!.socketOption(fd, IPPROTO_TCP, TCP_NODELAY);
  } finally {
    abort.abort();
    await expect(reached).rejects.toThrow();
    unsubscribe("net.client.socket", onSocket);
    await target.close();
    daemon.close();
  }
}

test.runIf(calls !== null)("small messages go at once, unless they are to wait", async () => {
  expect(await noDelayOf(true)).toBe(1);
  expect(await noDelayOf(false)).toBe(0);
});
