/**
 * A TCP connection to a daemon.
 * @module
 */
import { connect, isIP, type Socket } from "node:net";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { abortReason } from "@tsrsync/transfer";
import type { Role } from "../output/index.js";
import { tellWriteErrorsLast } from "./tell-write-errors-last.js";

export interface TcpOptions {
  host: string;
  port: number | string;
  /** 4 or 6 to force an address family. */
  family?: 4 | 6;
  /** Local address to connect from. */
  localAddress?: string;
  /** Seconds; 0 waits as long as the system does. */
  connectTimeout?: number;
  signal?: AbortSignal;
  /** Who we are going to be, for texts. */
  role: Role;
}

/**
 * Connects with no send delay: small writes are gathered by us, and the kernel must not wait for more.
 * @throws RsyncError 10 when nobody answers, 35 when that takes too long, 20 when aborted.
 */
export function connectTcp(options: TcpOptions): Promise<Socket> {
  const { host, port, signal, role, family } = options;
  return new Promise((resolve, reject) => {
    const number = typeof port === "number" ? port : portNumber(port);
    if (number === null) {
      const text = `getaddrinfo: ${host} ${port}: Servname not supported for ai_socktype`;
      reject(new RsyncError(ExitCode.SocketIo, text));
      return;
    }
    if (family !== undefined && isIP(host) === (family === 4 ? 6 : 4)) {
      const text = `getaddrinfo: ${host} ${port}: Address family for hostname not supported`;
      reject(new RsyncError(ExitCode.SocketIo, text));
      return;
    }
    const socket = connect({
      host,
      port: number,
      noDelay: true,
      keepAlive: true,
      family: family ?? 0,
      ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
    });
    const timer = options.connectTimeout
      ? setTimeout(
          () =>
            fail(new RsyncError(ExitCode.ConnectTimeout, "timeout waiting for daemon connection")),
          options.connectTimeout * 1000,
        )
      : undefined;
    const onAbort = () => fail(abortReason(signal));
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
    };
    const fail = (error: RsyncError) => {
      settle();
      socket.on("error", () => {}); // it is given up: what else happens to it is of no interest
      socket.destroy();
      reject(error);
    };
    const onError = (cause: NodeJS.ErrnoException) => fail(connectError(host, port, role, cause));
    socket.once("error", onError);
    socket.once("connect", () => {
      settle();
      tellWriteErrorsLast(socket);
      resolve(socket);
    });
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
  });
}

/** Names of services are not known here. */
function portNumber(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port <= 0xffff ? port : null;
}

function connectError(
  host: string,
  port: number | string,
  role: Role,
  cause: NodeJS.ErrnoException,
): RsyncError {
  if (cause.syscall === "getaddrinfo") {
    const why = LOOKUP_TEXTS.get(cause.code ?? "") ?? cause.code;
    return new RsyncError(ExitCode.SocketIo, `getaddrinfo: ${host} ${port}: ${why}`, { cause });
  }
  const first =
    cause instanceof AggregateError ? (cause.errors[0] as NodeJS.ErrnoException) : cause;
  const address = (first as { address?: string }).address ?? host;
  return new RsyncError(
    ExitCode.SocketIo,
    `[${role}] failed to connect to ${host} (${address}): ${reasonText(first)}`,
    { cause },
  );
}

const LOOKUP_TEXTS: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "Name or service not known"],
  ["EAI_AGAIN", "Temporary failure in name resolution"],
]);

function reasonText(error: NodeJS.ErrnoException): string {
  const texts: Record<string, string> = {
    ECONNREFUSED: "Connection refused (111)",
    EHOSTUNREACH: "No route to host (113)",
    ENETUNREACH: "Network is unreachable (101)",
    ETIMEDOUT: "Connection timed out (110)",
  };
  return texts[error.code ?? ""] ?? error.message;
}
