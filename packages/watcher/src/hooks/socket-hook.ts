/**
 * Hooks that speak over a TCP connection: as sersync did, or in lines of JSON.
 * @module
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import type { HookSettings } from "../config/settings.js";
import { absolutePath, describeChanges, type HookRun, toJsonChange } from "./hook-batch.js";

type SocketHook = HookSettings & { kind: "socket" };

/** What sersync did when nobody answered. */
const ATTEMPTS = 5;
const PAUSE_MS = 100;

function parseAddress(address: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(address);
  if (match === null) throw new RangeError(`address: expected host:port, got ${address}`);
  return { host: match[1] ?? match[2] ?? "", port: Number(match[3]) };
}

/** Resolves with an open connection. It is destroyed when the signal comes before it stands. */
function open(address: string, limitMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...parseAddress(address), noDelay: true });
    const end = (error: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => end(signal.reason as Error);
    const timer = setTimeout(
      () => end(new Error(`${address}: no answer in ${limitMs} ms`)),
      limitMs,
    );
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", end);
    socket.once("connect", () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.off("error", end);
      resolve(socket);
    });
  });
}

/** Five attempts, a tenth of a second apart; the time that the hook has is shared among them. */
async function openPatiently(
  address: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const limit = Math.max(PAUSE_MS, timeoutMs / ATTEMPTS);
  for (let attempt = 1; ; attempt++) {
    try {
      return await open(address, limit, signal);
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted) throw error;
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

/** Resolves when the system has taken the bytes. */
function write(socket: Socket, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => void socket.destroy(signal.reason as Error);
    const onError = (error: Error): void => settle(error);
    const settle = (error?: Error | null): void => {
      signal.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      if (error) reject(error);
      else resolve();
    };
    if (signal.aborted) return reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    socket.write(bytes, settle);
  });
}

async function sendPath(
  settings: SocketHook,
  path: ByteString,
  signal: AbortSignal,
): Promise<void> {
  const socket = await openPatiently(settings.address, settings.timeout, signal);
  socket.on("error", () => {}); // told by the write; what comes after it changes nothing
  try {
    await write(socket, encodeByteString(path), signal);
  } finally {
    socket.destroySoon();
  }
}

/** A connection for each path, which gets its absolute form without any end mark. */
function createCompatHook(settings: SocketHook): HookRun {
  return async (batch, signal) => {
    for (const path of batch.paths) {
      await sendPath(settings, absolutePath(batch.directory, path), signal);
    }
  };
}

/** One line of JSON for each change, over a connection that is kept. */
function createJsonHook(settings: SocketHook): HookRun {
  let kept: Socket | null = null;

  async function connection(signal: AbortSignal): Promise<Socket> {
    if (kept?.writable) return kept;
    const socket = await open(settings.address, settings.timeout, signal);
    const forget = (): void => void (kept === socket && (kept = null));
    socket.on("close", forget);
    socket.on("end", forget);
    socket.on("error", forget);
    socket.resume();
    socket.unref();
    kept = socket;
    return socket;
  }

  return async (batch, signal) => {
    const { root, target, batch: number } = batch;
    const lines = (await describeChanges(batch)).map(
      (change) => `${JSON.stringify({ root, target, batch: number, ...toJsonChange(change) })}\n`,
    );
    await write(await connection(signal), Buffer.from(lines.join("")), signal);
  };
}

/** A hook of this kind. */
export function createSocketHook(settings: SocketHook): HookRun {
  return settings.format === "compat" ? createCompatHook(settings) : createJsonHook(settings);
}
