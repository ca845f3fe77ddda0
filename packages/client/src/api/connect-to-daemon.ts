/**
 * The way to a daemon: TCP, a proxy in between, or a program that is the connection (spec 1-session, 2.4 and 2.5).
 * @module
 */
import type { Socket } from "node:net";
import { type ByteStream, setSocketOptions } from "@tsrsync/transfer";
import { startConnectProgram } from "../transport/connect-program.js";
import type { Habits } from "../transport/habits.js";
import { askProxy, parseProxy } from "../transport/http-proxy.js";
import type { PromptPeer } from "../transport/prompt-peer.js";
import { connectTcp } from "../transport/tcp.js";
import type { LoginRun } from "./daemon-connection.js";
import { debugLine } from "./debug-line.js";
import { DEFAULT_PORT } from "./default-port.js";

/**
 * Opens the connection that a run with a daemon needs.
 * @param peer who is connected to again and again, and waited for in the kernel
 * @param habits how conversations of this kind go with it
 */
export async function connectToDaemon(
  run: LoginRun,
  peer?: PromptPeer,
  habits?: Habits,
): Promise<ByteStream> {
  const { settings, transfer, environment, signal } = run;
  const remote = transfer.remote!;
  const host = Buffer.from(remote.host, "latin1").toString("utf8");
  const program = environment["RSYNC_CONNECT_PROG"];
  if (program) return startConnectProgram(program, host, environment);
  const port = remote.port ?? DEFAULT_PORT;
  const proxyText = environment["RSYNC_PROXY"];
  const proxy = proxyText ? parseProxy(proxyText) : null;
  debugLine(run, "CONNECT", () => `opening tcp connection to ${remote.host} port ${port}`);
  const isPlain = proxy === null && settings.address === null && settings.sockopts === null;
  const usual = settings.addressFamily !== 6 && isPlain ? peer : undefined;
  const prompt = usual?.open(host, port, habits);
  if (prompt) return prompt;
  const socket = await connectTcp({
    host: proxy?.host ?? host,
    port: proxy?.port ?? port,
    connectTimeout: settings.contimeout,
    role: transfer.direction === "push" ? "sender" : "Receiver",
    ...(settings.addressFamily === null ? {} : { family: settings.addressFamily }),
    ...(settings.address === null ? {} : { localAddress: settings.address }),
    ...(signal === undefined ? {} : { signal }),
  });
  tellSocketOptions(run, socket);
  usual?.reached(socket);
  if (proxy !== null) await throughProxy(socket, () => askProxy(socket, host, port, proxy));
  return socket;
}

function tellSocketOptions({ settings, transfer, observer }: LoginRun, socket: Socket): void {
  if (settings.sockopts === null) return;
  const role = transfer.direction === "push" ? "sender" : "Receiver";
  for (const line of setSocketOptions(socket, settings.sockopts, role)) {
    observer.notice?.({ level: "error", text: `${line}\n`, remote: false });
  }
}

/** A proxy that does not come to the point is let go. */
async function throughProxy(socket: Socket, ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    throw error;
  }
}
