import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadLinuxCalls } from "../linux/index.js";
import { setSocketOptions } from "./socket-options.js";

const [SOL_SOCKET, IPPROTO_TCP] = [1, 6];
const calls = loadLinuxCalls();
const server: Server = createServer();

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => void server.close());

const descriptor = () => (server as unknown as { _handle: { fd: number } })._handle.fd;
const optionOf = (level: number, option: number) =>
  calls?.socketOption(descriptor(), level, option) ?? 0;

test.runIf(calls !== null)("options are set, whatever lies between them", () => {
  const list = "SO_SNDBUF=8192,SO_RCVBUF=16384 TCP_NODELAY\tSO_KEEPALIVE=1,IPTOS_LOWDELAY";
  expect(setSocketOptions(server, list, "Receiver")).toEqual([]);
  expect(optionOf(SOL_SOCKET, 7)).toBe(2 * 8192); // the kernel doubles what it is told
  expect(optionOf(SOL_SOCKET, 8)).toBe(2 * 16384);
  expect(optionOf(IPPROTO_TCP, 1)).toBe(1);
  expect(optionOf(SOL_SOCKET, 9)).toBe(1);
  expect(optionOf(0, 1)).toBe(0x10);
  expect(setSocketOptions(server, "TCP_NODELAY=0 SO_KEEPALIVE=x", "Receiver")).toEqual([]);
  expect(optionOf(IPPROTO_TCP, 1)).toBe(0);
  expect(optionOf(SOL_SOCKET, 9)).toBe(0);
});

test("what is unknown is told, and the rest is set", () => {
  expect(setSocketOptions(server, "A=1,,tcp_nodelay toString SO_KEEPALIVE", "sender")).toEqual([
    "Unknown socket option A",
    "Unknown socket option tcp_nodelay",
    "Unknown socket option toString",
  ]);
});

test.runIf(calls !== null)("what the kernel refuses is told", () => {
  expect(setSocketOptions(server, "SO_SNDLOWAT=1 IPTOS_THROUGHPUT=3", "sender")).toEqual([
    "rsync: [sender] failed to set socket option SO_SNDLOWAT: Protocol not available (92)",
    "syntax error -- IPTOS_THROUGHPUT does not take a value",
  ]);
});

test.runIf(calls !== null)("a closed socket takes no options", async () => {
  const closed = createServer();
  expect(setSocketOptions(closed, "TCP_NODELAY", "Receiver")).toEqual([
    "rsync: [Receiver] failed to set socket option TCP_NODELAY: Bad file descriptor (9)",
  ]);
});
