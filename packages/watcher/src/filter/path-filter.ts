/**
 * Which paths of a root take part in the mirror.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** One predicate out of all that hides paths. */
export interface PathFilter {
  /** Nothing is ever hidden, so there is no need to ask. */
  readonly isEmpty: boolean;
  /** Whether a path, or a directory that it lies in, is hidden. The root never is. */
  isHidden(path: ByteString, isDirectory: boolean): boolean;
  /** Whether what a target has under this name must never be deleted there. */
  isProtected(path: ByteString, isDirectory: boolean): boolean;
  /** How many questions each rule answered with "hidden". */
  report(): readonly RuleHits[];
}

/** A rule, and what it hid. */
export interface RuleHits {
  readonly kind: "rule" | "excludeRegex" | "tempFiles" | "own";
  readonly text: string;
  readonly hits: number;
}
