/**
 * How rules are read. Spec: docs/protocol/4-command.md, 11.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { CvsIgnore } from "./cvs.js";

/**
 * Reads a rule file whole; `null` when there is none. What it throws ends the run. Names come from users, peers and
 * files in the tree and may lead anywhere: keeping them inside is the reader's work.
 */
export type ReadRuleFile = (name: ByteString) => Uint8Array | null;

/** How rules are read. */
export interface RuleParserOptions {
  /** Reads the files that rules name; without it there are none. */
  readonly readFile?: ReadRuleFile;
  /** `-0`: lines of rule files end at NUL only. */
  readonly nulEnds?: boolean;
  /** `--delete-excluded`: rules that name no side concern the sender only. */
  readonly deleteExcluded?: boolean;
  /** What `C` stands for in include and exclude rules. */
  readonly cvsIgnore?: CvsIgnore;
  /** As in a daemon's own rules (5.9.1): `dir/` also matches all that is below. */
  readonly coverContent?: boolean;
  /** Bounds the memory that rules take. */
  readonly maxRules?: number;
  /** Told of rules that are left out because they are too long. */
  readonly warn?: (message: ByteString) => void;
}

/** Where a per-directory file lies, and which per-directory files are known already. */
export interface RuleFilePlace {
  /** Full path name of the directory: what a leading slash in the file's own rules stands for. */
  readonly base: ByteString;
  /** The name to read for a merge rule's name that has a slash and is relative to the directory. */
  readonly resolve: (name: ByteString) => ByteString;
  readonly knows: (baseName: ByteString) => boolean;
}
