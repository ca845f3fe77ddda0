/**
 * The control socket of a running mirror (spec 6, 8.1): only the mirror's user can reach it.
 * @module
 */
import { chmod, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import type { Logger } from "../log/logger.js";
import { readLines } from "./lines.js";
import {
  answer,
  type ControlAnswer,
  MAX_REQUEST_BYTES,
  parseRequest,
  socketPath,
  toAnswerError,
} from "./protocol.js";
import { ControlError, type MirrorControl } from "./types.js";

const MAX_CLIENTS = 64;
const MAX_OPEN_REQUESTS = 64;
const CLOSE_GRACE_MS = 1000;
/** sun_path of Linux, without the NUL at its end. */
const MAX_SOCKET_PATH = 107;

/** A control socket that takes requests. */
export interface ControlServer {
  readonly path: string;
  /** Takes no more requests, ends all connections and removes the socket. */
  close(): Promise<void>;
}

/** Resolves when the client has taken the answer, or is gone: one that does not read gets no more of them. */
function send(socket: Socket, message: ControlAnswer): Promise<void> {
  if (!socket.writable) return Promise.resolve();
  return new Promise((resolve) => {
    socket.write(`${JSON.stringify(message)}\n`, () => resolve());
  });
}

/** Requests that change something leave a trace. */
function audit(logger: Logger, line: ReturnType<typeof parseRequest>): void {
  if (line.request === "status") return;
  logger.info("control", {
    request: line.request,
    arguments: JSON.stringify(line.arguments ?? {}),
  });
}

/** Answers one client. Its requests run side by side: a flush that waits holds back nobody. */
function serve(socket: Socket, mirror: MirrorControl, logger: Logger): void {
  let openRequests = 0;

  async function take(line: string): Promise<void> {
    let id = 0;
    openRequests++;
    if (openRequests >= MAX_OPEN_REQUESTS) socket.pause();
    try {
      const request = parseRequest(line);
      id = request.id;
      audit(logger, request);
      await send(socket, { id, result: (await answer(mirror, request)) ?? null });
    } catch (error) {
      await send(socket, { id, error: toAnswerError(error) });
    } finally {
      openRequests--;
      if (socket.isPaused()) socket.resume();
    }
  }

  socket.on("error", () => socket.destroy()); // a client that went away is nobody's trouble
  readLines(
    socket,
    MAX_REQUEST_BYTES,
    (line) => void take(line),
    (message) => {
      void send(socket, { id: 0, error: { code: "bad-request", message } });
      socket.destroySoon();
    },
  );
}

/** Resolves when the server listens; the socket is born with mode 0600. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Worker threads can not have a umask of their own; the chmod that follows does it there, a moment later.
    const previous = isMainThread ? process.umask(0o177) : null;
    try {
      server.once("error", reject);
      server.listen(path, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      if (previous !== null) process.umask(previous);
    }
  });
}

/** Whether anybody listens on the socket. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function listenInPlaceOfTheDead(server: Server, path: string): Promise<void> {
  try {
    await listen(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    if (await isAlive(path)) {
      throw new ControlError("failed", `another mirror answers on ${path}`, { cause: error });
    }
    await rm(path);
    await listen(server, path);
  }
  await chmod(path, 0o600);
}

/**
 * Opens the control socket of a state directory. The directory must be locked already: a socket that nobody answers on is what
 * a mirror left that was killed, and is replaced.
 * @throws ControlError when another mirror answers there
 */
export async function openControlServer(
  stateDir: string,
  mirror: MirrorControl,
  logger: Logger,
): Promise<ControlServer> {
  const path = socketPath(stateDir);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new ControlError(
      "failed",
      `${path}: longer than the ${MAX_SOCKET_PATH} bytes of a socket`,
    );
  }
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.once("close", () => clients.delete(socket));
    serve(socket, mirror, logger);
  });
  server.maxConnections = MAX_CLIENTS;
  await listenInPlaceOfTheDead(server, path);
  return {
    path,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of clients) socket.destroySoon();
        // One that takes no answer must not keep the mirror from its end.
        setTimeout(() => {
          for (const socket of clients) socket.destroy();
        }, CLOSE_GRACE_MS).unref();
      }),
  };
}
