/**
 * One push: what is asked of a target, and what came of it (spec 6, 3.4 and 4.5).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { RenameOption } from "./rename-ways.js";

/** What one push brings. All paths are relative to the root; the root itself is the empty string. */
export interface PushPlan {
  /** Paths that exist, each for itself: directories without their contents. Parents that may be new are among them. */
  readonly items: readonly ByteString[];
  /** Those of `items` whose contents are sent even when size and time look the same. */
  readonly forced: ReadonlySet<ByteString>;
  /** Directories among `items` that have changed nothing but their times, because of names in them. Default: none is known to. */
  readonly touched?: ReadonlySet<ByteString>;
  /** The highest missing names. */
  readonly deletes: readonly ByteString[];
  /** Directories that are sent with all that is below them. */
  readonly trees: readonly ByteString[];
  /** New names of regular files (in `items`) and the names that the target has their data under. */
  readonly links: readonly { readonly from: ByteString; readonly to: ByteString }[];
}

/** What came of a push that ended in order. */
export interface PushOutcome {
  /** Paths that did not arrive, and why. Everything else that the plan named is at the target. */
  readonly failed: ReadonlyMap<ByteString, string>;
  /** Problems that belong to no path. */
  readonly problems: readonly string[];
  /** Regular files whose data was sent. */
  readonly files: number;
  /** Of those files: their sizes, and what of it went over the wire. */
  readonly bytes: number;
  readonly sentBytes: number;
  readonly matchedBytes: number;
  readonly deleted: number;
  /** Options that the target turned out not to take, or to make nothing of. */
  readonly refused?: readonly RenameOption[];
}

/** Why a push did not end in order, which decides when it is tried again. */
export type FailureClass =
  /** Refused, reset, timed out. */
  | "unreachable"
  /** All connections of the daemon are taken. */
  | "busy"
  /** Wrong module, wrong login, host denied, read-only module. */
  | "refused"
  /** No space or quota at the target. */
  | "full"
  | "protocol";

/** What a target can do, learnt at first contact. */
export interface Capabilities {
  /** Deletes as entries with mode 0. */
  missingArguments: boolean;
  /** Deletes at all. */
  deletes: boolean;
  /** Old names of moved files can be linked to. */
  hardLinks: boolean;
  /** What spares sending moved files where they can not; nobody asks where they can. */
  renameOptions: readonly RenameOption[];
  /** Times are compared to the nanosecond. */
  nanoseconds: boolean;
}
