/**
 * Which paths of a root take part in the mirror.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FilterSettings } from "../config/settings.js";
import { readExcludeRegex } from "./exclude-regex.js";
import type { Candidate, HidingRules, RuleKind } from "./hiding-rule.js";
import { ownNameRules } from "./own-names.js";
import { type RsyncRules, readRsyncRules } from "./rsync-rules.js";
import { tempFileRules } from "./temp-presets.js";

/** One predicate out of all that hides paths. */
export interface PathFilter {
  /**
   * Whether a path, or a directory that it lies in, is hidden. The root never is.
   * @param mode type and permission bits, where they are known
   */
  isHidden(path: ByteString, isDirectory: boolean, mode?: number): boolean;
  /** Whether what a target has under this name must never be deleted there: it, or a directory that it lies in. */
  isProtected(path: ByteString, isDirectory: boolean): boolean;
  /** Whether there is anything that it hides or protects, names of rsync's own aside. */
  readonly leavesOut: boolean;
  /** The rules that hid something, and how often they did; what lies below a hidden directory is not counted. */
  report(): readonly RuleHits[];
}

/** A rule, and what it hid. */
export interface RuleHits {
  readonly kind: RuleKind;
  readonly text: string;
  readonly hits: number;
}

/** Directories whose verdict is remembered: enough for those that are busy at one time. */
const MAX_REMEMBERED = 10_000;

/**
 * @param partialDirs the names of the targets' partial directories
 * @throws UsageError naming the rule or expression that can not be read.
 */
export function createPathFilter(
  settings: FilterSettings,
  partialDirs: readonly string[] = [],
): PathFilter {
  const { rules, protect, tempFiles, excludeRegex } = settings;
  const leavesOut = rules.length + protect.length + excludeRegex.length > 0 || tempFiles !== "none";
  const rsync = readRsyncRules(rules, protect);
  // What hides nothing need not be asked each time.
  const hiding: HidingRules[] = [ownNameRules(partialDirs)];
  if (tempFiles !== "none") hiding.push(tempFileRules(tempFiles));
  if (excludeRegex.length > 0) hiding.push(readExcludeRegex(excludeRegex));
  if (rules.length > 0) hiding.push(rsync);
  return new RulesFilter(rsync, hiding, leavesOut);
}

class RulesFilter implements PathFilter {
  readonly leavesOut: boolean;
  readonly #rsync: RsyncRules;
  readonly #rules: readonly HidingRules[];
  readonly #directories = new Map<ByteString, boolean>();
  readonly #hits = new Map<string, RuleHits>();

  /**
   * @param rsync asked for what is protected
   * @param hiding all rules that may hide something
   */
  constructor(rsync: RsyncRules, hiding: readonly HidingRules[], leavesOut: boolean) {
    this.leavesOut = leavesOut;
    this.#rsync = rsync;
    this.#rules = hiding;
  }

  isHidden(path: ByteString, isDirectory: boolean, mode: number | null = null): boolean {
    if (path === "") return false;
    if (isDirectory) return this.#isDirectoryHidden(path);
    const slash = path.lastIndexOf("/");
    if (slash > 0 && this.#isDirectoryHidden(path.slice(0, slash))) return true;
    return this.#hides({ path, name: path.slice(slash + 1), isDirectory, mode });
  }

  isProtected(path: ByteString, isDirectory: boolean): boolean {
    return path !== "" && this.#rsync.protects(path, isDirectory);
  }

  report(): readonly RuleHits[] {
    return [...this.#hits.values()];
  }

  #isDirectoryHidden(path: ByteString): boolean {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf("/");
    const candidate = { path, name: path.slice(slash + 1), isDirectory: true, mode: null };
    const parent = path.slice(0, Math.max(slash, 0));
    const isHidden = (slash > 0 && this.#isDirectoryHidden(parent)) || this.#hides(candidate);
    if (this.#directories.size >= MAX_REMEMBERED) this.#directories.clear();
    this.#directories.set(path, isHidden);
    return isHidden;
  }

  #hides(candidate: Candidate): boolean {
    for (const rules of this.#rules) {
      const text = rules.find(candidate);
      if (text === null) continue;
      const key = `${rules.kind} ${text}`;
      const hits = (this.#hits.get(key)?.hits ?? 0) + 1;
      this.#hits.set(key, { kind: rules.kind, text, hits });
      return true;
    }
    return false;
  }
}
