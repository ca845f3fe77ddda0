/**
 * A target as the engine sees it. `TargetClient` is the one for rsync daemons and remote shells.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Capabilities, FailureClass, PushOutcome, PushPlan } from "./types.js";

/** What every request to a target takes. */
export interface RequestOptions {
  /** Ends the request; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What hides a path: neither is it sent, nor is what a target has of it told. Asked for each path below a tree. */
export type Hides = (path: ByteString, isDirectory: boolean) => boolean;

export interface PushRequestOptions extends RequestOptions {
  /** For what lies below the `trees` of a plan; its other paths were looked at by whoever made it. */
  readonly isHidden?: Hides | undefined;
  /** All files of the plan get into their places at the end (`--delay-updates`). */
  readonly atomic?: boolean | undefined;
  /** Contents decide what is sent of the `trees`, not sizes and times (`--checksum`). */
  readonly checksum?: boolean | undefined;
}

/** An entry that a target has. */
export interface TargetEntry {
  /** Relative to the root. */
  readonly path: ByteString;
  /** Type and permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
}

/** What is different at a target. */
export interface TargetDifference {
  /** Relative to the root. */
  readonly path: ByteString;
  readonly kind: "missing" | "extra" | "contents" | "attributes";
  /** The change as `rsync -i` shows it: `<fcsT......`, `*deleting`. */
  readonly change: string;
}

/** What a comparison found. */
export interface TargetComparison {
  /** Entries of the source that were compared. */
  readonly entries: number;
  readonly differences: readonly TargetDifference[];
}

export interface VerifyOptions extends RequestOptions {
  /** Only these, each for itself, and the directories that they are in. One that is gone is left out. */
  readonly paths?: readonly ByteString[] | undefined;
  /** The part of the root to compare; the root when not given. */
  readonly path?: ByteString | undefined;
  readonly isHidden?: Hides | undefined;
  /** What the target can do; all when that is not known. */
  readonly capabilities?: Capabilities | null | undefined;
}

/**
 * One place that a root is mirrored to. Requests may be made one after another only. All reject with a {@link TargetError},
 * or the signal's reason.
 */
export interface Target {
  /** Learns what the target can do. Changes nothing there. */
  probe(options?: RequestOptions): Promise<Capabilities>;
  /**
   * Brings what the plan names. Paths that failed are in the outcome; those below a tree, and what is below a directory that
   * could not be made, are named as they are, whether the plan has them or not.
   */
  push(
    plan: PushPlan,
    capabilities: Capabilities,
    options?: PushRequestOptions,
  ): Promise<PushOutcome>;
  /** All that the target has below directories, without these; nothing where there is no such directory. */
  list(paths: readonly ByteString[], options?: RequestOptions): Promise<TargetEntry[]>;
  /** Compares everything by contents and attributes. Changes nothing. */
  verify(options?: VerifyOptions): Promise<TargetComparison>;
  /** Finds out whether the target lets us in, by a connection that the next request takes. Where that is no small thing it does nothing. */
  reach(options?: RequestOptions): Promise<void>;
  /** Opens and logs in a connection for the next push, in the background. Does nothing when one is there already. */
  warm(): void;
  close(): Promise<void>;
}

/** A request to a target that did not end in order. */
export class TargetError extends Error {
  readonly failureClass: FailureClass;
  /** rsync's exit code. */
  readonly exitCode: number;
  /** What the target said before it ended, line by line. */
  readonly problems: readonly string[];
  /** The target had let us in: greeting and login were in order. */
  readonly wasLetIn: boolean;

  constructor(
    failureClass: FailureClass,
    exitCode: number,
    message: string,
    options: { cause?: unknown; problems?: readonly string[]; wasLetIn?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "TargetError";
    this.failureClass = failureClass;
    this.exitCode = exitCode;
    this.problems = options.problems ?? [];
    this.wasLetIn = options.wasLetIn ?? false;
  }
}
