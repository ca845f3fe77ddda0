/**
 * What a mirror tells while it runs: to its user, and to logs, metrics, alarms and hooks. The engine tells; nobody answers, and
 * a listener must return at once.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { TargetState } from "../control/types.js";
import type { Mark } from "../state/mark.js";
import type { FailureClass, PushOutcome, PushPlan } from "../target/types.js";
import type { RootState } from "../watch/root-watcher.js";

/** Whose push, state or alarm it is. */
export interface TargetScope {
  root: string;
  target: string;
}

/** Paths were marked: they may differ from what the targets have. */
export interface ChangeEvent {
  root: string;
  marks: readonly Mark[];
  /** The number of the last of them. */
  sequence: number;
}

/** A push begins. */
export interface BatchEvent extends TargetScope {
  /** Counts the pushes of this process, from 1. */
  batch: number;
  /** All marks up to this number are in it, or wait for a later one. */
  sequence: number;
  plan: PushPlan;
}

/** A push ended in order; `outcome.failed` are the paths that did not arrive all the same. */
export interface PushedEvent extends BatchEvent {
  outcome: PushOutcome;
  wallMs: number;
  /** From the oldest change in it to its confirmation. */
  delayMs: number;
  /** The same for each settled path, in any order; may leave out some when there are very many. */
  delaysMs: readonly number[];
  /** Paths of `outcome.failed` that had failed before: this was not their first attempt. */
  failedAgain: ReadonlySet<ByteString>;
}

/** A push did not end in order. Everything that it was to bring stays dirty. */
export interface FailedEvent extends BatchEvent {
  failure: FailureClass;
  /** rsync's exit code for it. */
  exitCode: number;
  message: string;
  /** 1 for the first failure in a row. */
  attempt: number;
  /** Milliseconds until the next attempt. */
  retryInMs: number;
  wallMs: number;
}

/** A target has everything that was marked. */
export interface IdleEvent extends TargetScope {
  sequence: number;
}

/** A target's state became another one. */
export interface TargetStateEvent extends TargetScope {
  previous: TargetState;
  state: TargetState;
  reason: string;
}

/** A root's state became another one. */
export interface RootStateEvent {
  root: string;
  previous: RootState;
  state: RootState;
  reason: string;
}

/** The kernel dropped events; a walk of what was hit follows by itself. */
export interface OverflowEvent {
  root: string;
  /** Overflows of this root since the start. */
  count: number;
}

/** A guard halted a root, or let go of it. */
export interface GuardEvent {
  root: string;
  active: boolean;
  state: RootState;
  reason: string;
}

/** Deletions are held back, or were released or dropped (`count` 0). */
export interface HeldEvent extends TargetScope {
  count: number;
  /** The directories that most of them are in. */
  directories: readonly ByteString[];
}

/** Directories without a watch: they are polled. `polled` 0 ends it. */
export interface WatchLimitEvent {
  root: string;
  polled: number;
  /** The kernel's limit, and the number that would do; 0 where unknown. */
  limit: number;
  needed: number;
}

export interface FullSyncEvent extends TargetScope {
  phase: "started" | "done" | "failed";
  reason: string;
  wallMs: number;
}

/** A comparison with a target, asked for or in the background, came to its end. */
export interface VerifiedEvent extends TargetScope {
  entries: number;
  differences: number;
  /** Some of the paths that differ. */
  paths: readonly ByteString[];
  repaired: number;
}

/** Something a person should know. */
export interface WarningEvent {
  root: string | null;
  target: string | null;
  text: string;
}

/** All events, in the form of `EventEmitter`'s type argument. */
export interface MirrorEvents {
  change: [ChangeEvent];
  batch: [BatchEvent];
  pushed: [PushedEvent];
  failed: [FailedEvent];
  idle: [IdleEvent];
  state: [TargetStateEvent];
  root: [RootStateEvent];
  overflow: [OverflowEvent];
  guard: [GuardEvent];
  held: [HeldEvent];
  watchLimit: [WatchLimitEvent];
  fullSync: [FullSyncEvent];
  verified: [VerifiedEvent];
  warning: [WarningEvent];
}

/** The side of a mirror that is listened to: an `EventEmitter<MirrorEvents>` fits. */
export interface MirrorEventSource {
  on<Name extends keyof MirrorEvents>(
    name: Name,
    listener: (...event: MirrorEvents[Name]) => void,
  ): unknown;
  off<Name extends keyof MirrorEvents>(
    name: Name,
    listener: (...event: MirrorEvents[Name]) => void,
  ): unknown;
}
