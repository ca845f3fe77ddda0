/**
 * A worker process: becomes who it is told to be, and serves the sessions that the acceptor hands it. Ends when the
 * acceptor lets go of it.
 * @module
 */
import type { Socket } from "node:net";
import type { NodeTree } from "@tsrsync/transfer";
import { serveModule } from "../session/serve-module.js";
import { becomeIdentity, IdentityError } from "./become-identity.js";
import type { FromWorker, ToWorker } from "./worker-messages.js";

const WEAK_CONFINEMENT =
  "warning: no openat2 here (is the package koffi missing?): paths are checked one step at a time";

let root: NodeTree | null = null;
let refusal = "";

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

/** Who waits for the acceptor to have written what it was told to. */
const waiting: (() => void)[] = [];

function logged(): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) resolve();
    else waiting.push(resolve);
    tell({ kind: "flush" });
  });
}

process.on("disconnect", () => {
  for (const goOn of waiting.splice(0)) goOn();
});

async function serve(message: ToWorker & { kind: "serve" }, socket: Socket): Promise<void> {
  socket.setNoDelay(true);
  if (root === null) {
    socket.end(`${refusal}\n`);
  } else {
    await serveModule({
      request: message.request,
      stream: socket,
      initial: Buffer.from(message.initial, "base64"),
      root,
      logged,
      log: (text) => tell({ kind: "log", text, file: message.request.module.logFile }),
    });
  }
}

process.on("message", (message: ToWorker, handle: unknown) => {
  if (message.kind === "become") {
    try {
      root = becomeIdentity(message.identity);
      tell({ kind: "ready" });
      if (root.confinement === "checked") tell({ kind: "log", text: WEAK_CONFINEMENT, file: "" });
    } catch (error) {
      refusal = (error as Error).message;
      const text = error instanceof IdentityError ? error.logLine : refusal;
      tell({ kind: "failed", text, line: refusal });
    }
    return;
  }
  if (message.kind === "flushed") {
    waiting.shift()?.();
    return;
  }
  // The client may be gone before the socket arrives.
  if (handle === undefined || handle === null) {
    tell({ kind: "done", id: message.id });
    return;
  }
  void serve(message, handle as Socket).finally(() => tell({ kind: "done", id: message.id }));
});

// A terminal's interrupt goes to the whole group, but transfers in progress outlive the listener.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
