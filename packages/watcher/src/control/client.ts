/**
 * The other side of the control socket: what the commands talk to a running mirror through.
 * @module
 */
import { connect, type Socket } from "node:net";
import { readLines } from "./lines.js";
import { type ControlAnswer, MAX_ANSWER_BYTES, type RequestName, socketPath } from "./protocol.js";
import {
  ControlError,
  type FlushRequest,
  type FlushResult,
  type MirrorStatus,
  type ReloadResult,
  type Scope,
  type VerifyReport,
  type VerifyRequest,
} from "./types.js";

/** A connection to a running mirror. Each request rejects with a {@link ControlError}; several may run side by side. */
export interface ControlClient {
  status(): Promise<MirrorStatus>;
  flush(request?: FlushRequest): Promise<FlushResult>;
  verify(request?: VerifyRequest): Promise<VerifyReport>;
  retry(scope?: Scope): Promise<number>;
  resume(root: string): Promise<void>;
  release(scope?: Scope): Promise<number>;
  fullSync(scope?: Scope): Promise<number>;
  reload(): Promise<ReloadResult>;
  close(): void;
}

type Ask = (request: RequestName, values: object) => Promise<unknown>;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: ControlError) => void;
}

function openSocket(stateDir: string): Promise<Socket> {
  const path = socketPath(stateDir);
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (cause: NodeJS.ErrnoException) => {
      const isAbsent = cause.code === "ENOENT" || cause.code === "ECONNREFUSED";
      const message = isAbsent ? `no mirror runs on ${stateDir}` : `${path}: ${cause.message}`;
      reject(new ControlError(isAbsent ? "not-running" : "failed", message, { cause }));
    });
  });
}

/** Requests over the socket, told apart by their numbers. */
function createAsk(socket: Socket): Ask {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let isEnded = false;

  function end(reason: string): void {
    isEnded = true;
    for (const { reject } of waiting.values()) reject(new ControlError("closed", reason));
    waiting.clear();
    socket.destroy();
  }

  function take(line: string): void {
    let message: ControlAnswer;
    try {
      message = JSON.parse(line) as ControlAnswer;
    } catch {
      end("the mirror sent something that is not JSON");
      return;
    }
    const one = waiting.get(message.id);
    if (one === undefined) return;
    waiting.delete(message.id);
    if ("error" in message) one.reject(new ControlError(message.error.code, message.error.message));
    else one.resolve(message.result);
  }

  readLines(socket, MAX_ANSWER_BYTES, take, end);
  socket.on("error", (error) => end(`connection to the mirror: ${error.message}`));
  socket.on("close", () => end("the mirror ended the connection"));

  return (request, values) =>
    new Promise((resolve, reject) => {
      if (isEnded) return reject(new ControlError("closed", "the connection is closed"));
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      socket.write(`${JSON.stringify({ id, request, arguments: values })}\n`);
    });
}

/**
 * Connects to the mirror that runs on a state directory.
 * @throws ControlError `not-running` when there is none
 */
export async function connectControl(stateDir: string): Promise<ControlClient> {
  const socket = await openSocket(stateDir);
  const ask = createAsk(socket);
  return {
    status: () => ask("status", {}) as Promise<MirrorStatus>,
    flush: (request = {}) => ask("flush", request) as Promise<FlushResult>,
    verify: (request = {}) => ask("verify", request) as Promise<VerifyReport>,
    retry: (scope = {}) => ask("retry", scope) as Promise<number>,
    resume: async (root) => void (await ask("resume", { root })),
    release: (scope = {}) => ask("release", scope) as Promise<number>,
    fullSync: (scope = {}) => ask("fullSync", scope) as Promise<number>,
    reload: () => ask("reload", {}) as Promise<ReloadResult>,
    close: () => void socket.destroy(),
  };
}
