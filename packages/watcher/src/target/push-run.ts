/**
 * A push while it runs: what its sessions have brought so far.
 * @module
 */
import type { RemoteResult } from "tsrsync";
import { saysFull } from "./classify-failure.js";
import { type ProblemPlace, PushProblems, readable } from "./push-problems.js";
import type { RenameOption } from "./rename-ways.js";
import { TargetError } from "./target.js";
import type { EndedSession } from "./target-sessions.js";
import type { PushOutcome, PushPlan } from "./types.js";

const PARTIAL = 23;

export class PushRun {
  readonly plan: PushPlan;
  readonly problems: PushProblems;
  /** See `PushOutcome`. */
  readonly refused: Set<RenameOption> = new Set();
  #files = 0;
  #bytes = 0;
  #sentBytes = 0;
  #matchedBytes = 0;
  #deleted = 0;

  constructor(plan: PushPlan, place: ProblemPlace) {
    this.plan = plan;
    this.problems = new PushProblems(plan, place);
  }

  /** Takes in a session. @throws TargetError when the target has no room: no path is to blame for that. */
  add(session: EndedSession<RemoteResult>): void {
    this.count(session);
    this.problems.settle(session.notices, session.result.exitCode === PARTIAL);
  }

  /** The same, but what went wrong in it is nobody's business: another session follows. @throws TargetError */
  count({ result, notices }: EndedSession<RemoteResult>): void {
    const { transferredFiles, transferredSize, literalData, matchedData, deleted } =
      result.statistics;
    this.#files += transferredFiles;
    this.#bytes += transferredSize;
    this.#sentBytes += literalData;
    this.#matchedBytes += matchedData;
    this.#deleted += Object.values(deleted).reduce((sum, count) => sum + count, 0);
    const full = notices.find(({ level, text }) => level === "transfer-error" && saysFull(text));
    if (result.exitCode === PARTIAL && full !== undefined) {
      const texts = notices.map(({ text }) => readable(text));
      throw new TargetError("full", PARTIAL, readable(full.text), {
        problems: texts,
        wasLetIn: true,
      });
    }
  }

  outcome(): PushOutcome {
    return {
      failed: this.problems.failed,
      problems: this.problems.problems,
      files: this.#files,
      bytes: this.#bytes,
      sentBytes: this.#sentBytes,
      matchedBytes: this.#matchedBytes,
      deleted: this.#deleted,
      refused: [...this.refused],
    };
  }
}
