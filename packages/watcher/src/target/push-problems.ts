/**
 * What went wrong in the sessions of a push, path by path (spec 6, 3.4 "per path results").
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { pathOfProblem } from "./attribute-problem.js";
import { parentOf } from "./plan-sessions.js";
import type { PushPlan } from "./types.js";

/** A text that one of the ends said. */
export interface Notice {
  readonly level: "info" | "warning" | "error" | "transfer-error";
  readonly text: ByteString;
}

/** Where texts find their paths. */
export interface ProblemPlace {
  readonly directory: ByteString;
  readonly root: ByteString;
  readonly partialDir: ByteString | null;
}

/** Follows the text about the directory. */
const NO_CONTENTS = /^\*\*\* Skipping any contents/;
/** Says that a directory is not there to put anything into. */
const NO_DIRECTORY = /: mkdir |could not make way for new directory/;
/** About something of which another text tells. */
const BYWORD = /^\*\*\* |^rsync error: /;
/** About something below a path that stands in the way of an item. */
const REMOVAL = /delete_file|cannot delete/;

export class PushProblems {
  readonly failed: Map<ByteString, string> = new Map();
  readonly problems: string[] = [];
  /** Texts in the order of their coming. */
  readonly notices: Notice[] = [];

  readonly #plan: PushPlan;
  readonly #place: ProblemPlace;
  readonly #items: ReadonlySet<ByteString>;
  readonly #removed: ReadonlySet<ByteString>;
  readonly #trees: ReadonlySet<ByteString>;
  /** Old names of moved files, and their new ones. */
  readonly #moved: ReadonlyMap<ByteString, ByteString>;
  readonly #parents = new Set<ByteString>();

  constructor(plan: PushPlan, place: ProblemPlace) {
    this.#plan = plan;
    this.#place = place;
    this.#items = new Set(plan.items);
    this.#removed = new Set(plan.deletes);
    this.#trees = new Set(plan.trees);
    this.#moved = new Map(plan.links.map(({ from, to }) => [from, to]));
  }

  /** Takes in what was said in a session that came to its end. @param isPartial it ended with 23 */
  settle(notices: readonly Notice[], isPartial: boolean): void {
    this.notices.push(...notices);
    if (!isPartial) return;
    if (this.#parents.size === 0) this.#findParents();
    let isExplained = false;
    let last: ByteString | null = null;
    for (const { level, text } of notices) {
      if (NO_CONTENTS.test(text) && last !== null) this.#failBelow(last);
      if (level !== "transfer-error" || BYWORD.test(text)) continue;
      isExplained = true;
      last = this.#fail(text);
      if (last === null) {
        this.failAll(text);
        return;
      }
      if (NO_DIRECTORY.test(text)) this.#failBelow(last);
    }
    if (!isExplained) this.failAll("not everything was transferred");
  }

  /** Takes back failures that another session is going to make good. Returns their paths. */
  takeFailed(isTaken: (path: ByteString, why: string) => boolean): ByteString[] {
    const taken = [...this.failed]
      .filter(([path, why]) => isTaken(path, why))
      .map(([path]) => path);
    for (const path of taken) this.failed.delete(path);
    return taken;
  }

  /** Nothing that was planned counts as arrived. */
  failAll(text: ByteString): void {
    const why = readable(text);
    this.problems.push(why);
    for (const set of [this.#items, this.#removed, this.#trees]) {
      for (const path of set) if (!this.failed.has(path)) this.failed.set(path, why);
    }
  }

  /** The path that a text is about, which thereby failed; `null` when it can not be told. */
  #fail(text: ByteString): ByteString | null {
    const isRemoval = REMOVAL.test(text);
    const isKnown = (path: ByteString) => this.#owner(path, isRemoval) !== null;
    const isNamed = (path: ByteString) => this.#items.has(path) || this.#removed.has(path);
    const path = pathOfProblem(text, { ...this.#place, isNamed, isKnown });
    if (path === null) return null;
    const owner = this.#owner(path, isRemoval)!;
    if (!this.failed.has(owner)) this.failed.set(owner, readable(text));
    return owner;
  }

  /** What of the plan is concerned when something is wrong with `path`; `null` for a path that is none of its business. */
  #owner(path: ByteString, isRemoval: boolean): ByteString | null {
    if (this.#items.has(path) || this.#removed.has(path)) return path;
    const moved = this.#moved.get(path);
    if (moved !== undefined) return moved;
    for (let holder = path; ; holder = parentOf(holder)) {
      if (this.#trees.has(holder)) return path;
      if (this.#removed.has(holder)) return holder;
      if (holder === "") break;
      if (isRemoval && this.#items.has(holder)) return holder;
    }
    return this.#parents.has(path) ? path : null;
  }

  #failBelow(directory: ByteString): void {
    const prefix = directory === "" ? "" : `${directory}/`;
    for (const set of [this.#items, this.#removed]) {
      for (const path of set) {
        if (!path.startsWith(prefix) || this.failed.has(path)) continue;
        this.failed.set(path, "its directory could not be made");
      }
    }
  }

  #findParents(): void {
    for (const paths of [this.#plan.items, this.#plan.deletes, this.#plan.trees]) {
      for (let path of paths) {
        while (path !== "" && !this.#parents.has(path)) {
          this.#parents.add(path);
          path = parentOf(path);
        }
      }
    }
    this.#parents.add("");
  }
}

/** A text for people: one line, in their characters. */
export function readable(text: ByteString): string {
  return Buffer.from(text, "latin1").toString("utf8").trimEnd();
}
