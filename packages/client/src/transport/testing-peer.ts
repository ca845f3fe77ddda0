/**
 * The peer of a connection in a thread of its own, which goes on while this one stands still.
 * @module
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** What the thread does with each connection: `socket` is one of Node's. */
export type PeerProgram = string;

export interface TestingPeer {
  port: number;
  close(): Promise<unknown>;
}

/** Listens on a port of 127.0.0.1 and runs `program`, the text of a function's body, for each `socket`. */
export async function startPeer(program: PeerProgram): Promise<TestingPeer> {
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     const server = require("node:net").createServer({ noDelay: true }, (socket) => {
       socket.on("error", () => {});
       ${program}
     });
     server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));`,
    { eval: true },
  );
  const [port] = (await once(worker, "message")) as [number];
  return { port, close: () => worker.terminate() };
}
