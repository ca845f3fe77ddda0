/**
 * When a path is due for a hook (spec 6, 1.4):
 *
 * - `afterPush`: for each target that has it;
 * - `all`: once, when all targets have it;
 * - `afterEvent`: once, when all targets have it or could not be had just now, as sersync ran its plugin after it had tried all
 *   targets. A target that is down holds nothing back.
 *
 * A root without targets has its changes due at once.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { HookTime } from "../config/settings.js";

/** Above this many paths that wait for a target, those that wait longest are given up. */
const MAX_WAITING = 100_000;

/** Tells which paths are due. */
export interface DuePaths {
  /** A target has these paths. */
  arrived(target: string, paths: Iterable<ByteString>): DueFor[];
  /** A target can not be reached now, or can again. */
  reachable(target: string, isReachable: boolean): DueFor[];
  /** Paths changed, in a root without targets. */
  changed(paths: Iterable<ByteString>): DueFor[];
}

export interface DueFor {
  /** Empty when it is about no single target. */
  target: string;
  paths: ByteString[];
}

/** Those that wait for all targets; each path with the targets that have it. */
class Gathering {
  readonly #targets: readonly string[];
  readonly #skipsDown: boolean;
  readonly #down = new Set<string>();
  readonly #waiting = new Map<ByteString, Set<string>>();

  constructor(targets: readonly string[], skipsDown: boolean) {
    this.#targets = targets;
    this.#skipsDown = skipsDown;
  }

  #isDue(had: ReadonlySet<string>): boolean {
    return this.#targets.every(
      (target) => had.has(target) || (this.#skipsDown && this.#down.has(target)),
    );
  }

  arrived(target: string, paths: Iterable<ByteString>): ByteString[] {
    const due: ByteString[] = [];
    for (const path of paths) {
      const had = this.#waiting.get(path) ?? new Set();
      had.add(target);
      this.#waiting.delete(path);
      if (this.#isDue(had)) due.push(path);
      else this.#waiting.set(path, had);
    }
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING) break;
      this.#waiting.delete(oldest);
    }
    return due;
  }

  reachable(target: string, isReachable: boolean): ByteString[] {
    if (isReachable) this.#down.delete(target);
    else this.#down.add(target);
    if (isReachable || !this.#skipsDown) return [];
    const due: ByteString[] = [];
    for (const [path, had] of this.#waiting) {
      if (!this.#isDue(had)) continue;
      due.push(path);
      this.#waiting.delete(path);
    }
    return due;
  }
}

const dueFor = (target: string, paths: ByteString[]): DueFor[] =>
  paths.length === 0 ? [] : [{ target, paths }];

/**
 * Creates the rule of a hook.
 * @param targets the names of those that the hook is for
 */
export function createDuePaths(when: HookTime, targets: readonly string[]): DuePaths {
  const isConcerned = (target: string): boolean => targets.includes(target);
  const changed = (paths: Iterable<ByteString>): DueFor[] =>
    targets.length === 0 ? dueFor("", [...paths]) : [];
  if (when === "beforeFullSync") {
    return { arrived: () => [], reachable: () => [], changed: () => [] };
  }
  if (when === "afterPush") {
    return {
      arrived: (target, paths) => (isConcerned(target) ? dueFor(target, [...paths]) : []),
      reachable: () => [],
      changed,
    };
  }
  const gathering = new Gathering(targets, when === "afterEvent");
  const name = targets.length === 1 ? (targets[0] ?? "") : "";
  return {
    arrived: (target, paths) =>
      isConcerned(target) ? dueFor(name, gathering.arrived(target, paths)) : [],
    reachable: (target, isReachable) =>
      isConcerned(target) ? dueFor(name, gathering.reachable(target, isReachable)) : [],
    changed,
  };
}
