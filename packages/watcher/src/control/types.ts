/**
 * What a running mirror can be asked: by the commands through the control socket, by the status page, and in the process itself.
 * Everything here is JSON as it stands; paths are in their readable form (`displayPath` of log/display-path.ts).
 * @module
 */
import type { Capabilities, FailureClass } from "../target/types.js";
import type { RootState } from "../watch/root-watcher.js";

/** Which roots and targets a request is for: all when nothing is named. Target names are unique within a root only. */
export interface Scope {
  root?: string;
  target?: string;
}

/** Where a target stands. */
export type TargetState =
  /** It has everything, or waits for the next push. */
  | "idle"
  | "pushing"
  /** It could not be reached, and is tried again later. */
  | "backing-off"
  /** It answered and refused: login, module, read-only. Tried again at the longest interval. */
  | "refused"
  | "full"
  /** Deletions are held back until they are released; everything else goes on. */
  | "held";

/** A path that did not arrive although its target works. */
export interface ParkedPath {
  path: string;
  reason: string;
  /** ISO 8601. */
  since: string;
}

/** The last failure of a target. */
export interface LastError {
  /** ISO 8601. */
  at: string;
  failure: FailureClass | "path";
  message: string;
}

/** One target of one root. */
export interface TargetStatus {
  name: string;
  /** Without password. */
  url: string;
  state: TargetState;
  /** Why, in words; empty when there is nothing to say. */
  reason: string;
  /** Paths that it may not have as they are. */
  dirty: number;
  /** Age of the oldest of them, 0 when there is none. */
  lagSeconds: number;
  /** The number up to which everything is confirmed. */
  sequence: number;
  /** The first of them, at most 100. */
  parked: ParkedPath[];
  parkedCount: number;
  /** Deletions that are held back. */
  heldDeletes: number;
  /** Pushes that ended in order, and that did not. */
  pushes: number;
  failures: number;
  /** Milliseconds until the next attempt, 0 when none is waited for. */
  retryInMs: number;
  lastError: LastError | null;
  /** ISO 8601. */
  lastSuccess: string | null;
  /** `null` before the first contact. */
  capabilities: Capabilities | null;
  fullSync: FullSyncStatus | null;
  files: number;
  deleted: number;
  /** Sizes of the files sent, and what of them went over the wire. */
  bytes: number;
  sentBytes: number;
  matchedBytes: number;
}

/** The full sync that runs, or the last one. */
export interface FullSyncStatus {
  running: boolean;
  /** ISO 8601. */
  started: string;
  ended: string | null;
  /** `null` when it went well or still runs. */
  error: string | null;
}

/** One root and what it is pushed to. */
export interface RootStatus {
  name: string;
  path: string;
  state: RootState;
  /** Why, in words; empty when there is nothing to say. */
  reason: string;
  watches: number;
  /** Inotify instances that they are shared out to. */
  shards: number;
  /** Directories that are looked at in intervals because no watch could be had. */
  polled: number;
  /** Files known to be open for writing. */
  openFiles: number;
  events: number;
  overflows: number;
  /** The number of the latest mark. */
  sequence: number;
  /** Entries that the last walk saw, and how long it took. */
  entries: number;
  scanSeconds: number;
  targets: TargetStatus[];
}

/** All of a mirror. */
export interface MirrorStatus {
  version: string;
  pid: number;
  /** ISO 8601. */
  started: string;
  roots: RootStatus[];
  /** Bytes of the journal on disk. */
  journalBytes: number;
}

export interface FlushRequest extends Scope {
  /** Without it the answer comes when all targets are up to date. */
  timeoutMs?: number;
}

/** What `flush` found: whether each target has everything that was done before the call. */
export interface FlushResult {
  reached: boolean;
  targets: FlushedTarget[];
}

export interface FlushedTarget {
  root: string;
  target: string;
  reached: boolean;
  state: TargetState;
  dirty: number;
  /** Why it was not reached; empty when it was. */
  reason: string;
}

export interface VerifyRequest extends Scope {
  /** Marks what differs, so that it is pushed. */
  repair?: boolean;
}

/** A path that a target has in another way. */
export interface Difference {
  path: string;
  kind: "missing" | "extra" | "content" | "attributes";
  /** rsync's itemized form, when there is one (`>fc........`). */
  itemized: string | null;
}

export interface VerifiedTarget {
  root: string;
  target: string;
  /** Entries of the source that were compared, directories included. */
  entries: number;
  /** The first of them, at most 1000. */
  differences: Difference[];
  differenceCount: number;
  /** Paths marked for repair. */
  repaired: number;
  seconds: number;
  /** Why this target could not be compared; `null` when it was. */
  error: string | null;
}

export interface VerifyReport {
  /** True when everything was compared and nothing differs. */
  equal: boolean;
  targets: VerifiedTarget[];
}

/** Which change of the configuration a reload brought: names of roots, or `root/target` where the root goes on. */
export interface ReloadResult {
  added: string[];
  removed: string[];
  changed: string[];
  warnings: string[];
}

/**
 * A running mirror. All requests may run side by side. A scope that fits nothing is a {@link ControlError} with the code
 * `unknown`.
 */
export interface MirrorControl {
  status(): MirrorStatus;
  flush(request: FlushRequest): Promise<FlushResult>;
  verify(request: VerifyRequest): Promise<VerifyReport>;
  /** Tries at once what waits for its next attempt, parked paths included. Returns how many targets that were. */
  retry(scope: Scope): Promise<number>;
  /** Accepts a root as it is now, after a guard halted it. */
  resume(root: string): Promise<void>;
  /** Lets deletions through that were held back. Returns how many. */
  release(scope: Scope): Promise<number>;
  /** Starts full syncs; does not wait for their end. Returns how many. */
  fullSync(scope: Scope): Promise<number>;
  /** Reads the configuration again. Rejects, and changes nothing, when it is wrong. */
  reload(): Promise<ReloadResult>;
}

export type ControlErrorCode =
  /** No mirror runs on this state directory. */
  | "not-running"
  /** No root or target of that name. */
  | "unknown"
  /** The request is not one. */
  | "bad-request"
  /** The connection ended before the answer. */
  | "closed"
  | "failed";

/** Why a request was not answered. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;
  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ControlError";
    this.code = code;
  }
}
