/**
 * What the acceptor and its workers say to each other (process messages; sockets travel beside them).
 * @module
 */
import type { SessionRequest } from "../session/session-request.js";

/** Who a worker becomes for good, and the one directory that it serves. */
export interface WorkerIdentity {
  /** The module's directory, opened before privileges are dropped. */
  path: string;
  /** Which directory that is: when another one takes its place, other workers are needed. */
  inode: string;
  /** `null` leaves the process as it is. */
  uid: number | null;
  gid: number | null;
  groups: number[];
  /** Links of the module may lead out of it. */
  insecureLinks: boolean;
}

export type ToWorker =
  | { kind: "become"; identity: WorkerIdentity }
  /** Comes with the client's socket. `initial` are bytes of the client that were read already, in base64. */
  | { kind: "serve"; id: number; request: SessionRequest; initial: string }
  /** The answer to `flush`. */
  | { kind: "flushed" };

export type FromWorker =
  | { kind: "ready" }
  /** The worker could not become who it should: the text is for the log, the line for the client. */
  | { kind: "failed"; text: string; line: string }
  /** A line for the log file of the module, or the daemon's own when that is empty. */
  | { kind: "log"; text: string; file: string }
  /** Asks for an answer when the lines before are in the log. */
  | { kind: "flush" }
  | { kind: "done"; id: number };
