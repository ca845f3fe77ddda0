/**
 * One thing that hides paths, with the number of times that it did.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** Where a hiding rule is from. */
export type RuleKind = "rule" | "excludeRegex" | "tempFiles" | "own";

/** What a rule may look at. */
export interface Candidate {
  /** Not the root; no directory on the way to it is hidden. */
  readonly path: ByteString;
  readonly name: ByteString;
  readonly isDirectory: boolean;
  /** Type and permission bits; `null` when they are not known. */
  readonly mode: number | null;
}

/** A set of rules of one kind: the text of the one that hides the candidate, `null` when none does. */
export interface HidingRules {
  readonly kind: RuleKind;
  find(candidate: Candidate): string | null;
}
