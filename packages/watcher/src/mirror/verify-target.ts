/**
 * Comparing a target with the source, and marking what differs (spec 6, 3.6).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Difference, VerifiedTarget } from "../control/types.js";
import { displayPath } from "../log/display-path.js";
import { type Mark, Reach } from "../state/mark.js";
import type { TargetDifference } from "../target/target.js";
import type { RootRun } from "./root-run.js";
import type { TargetRunner } from "./target-runner.js";

/** So many differences are told one by one. */
const MAX_TOLD = 1000;
/** So many go into the event. */
const MAX_NAMED = 20;

/** What of a target is compared. */
export interface Comparison {
  /** What differs is marked, so that it is pushed. */
  repair?: boolean | undefined;
  /** Only these; they are told of only when one differs. */
  paths?: readonly ByteString[] | undefined;
}

/** Compares one target between two of its pushes. Never rejects: what went wrong is in the result. */
export async function verifyTarget(
  run: RootRun,
  runner: TargetRunner,
  { repair = false, paths }: Comparison,
): Promise<VerifiedTarget> {
  const started = performance.now();
  const { context } = runner;
  const base = { root: context.root, target: context.settings.name };
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const { entries, differences: found } = await runner.enqueue((signal) =>
      context.target.verify({
        signal,
        paths,
        capabilities: runner.work.capabilities,
        isHidden: (path, isDirectory) => context.filter.isHidden(path, isDirectory),
      }),
    );
    // What changed while it was compared is on its way already, and says nothing about what was lost.
    await run.watcher.drain();
    const { dirty } = context.ledger;
    const parked = new Set(dirty.parked());
    const differences = found.filter(({ path, kind }) => {
      if (kind === "extra" && context.settings.delete.mode === "never") return false;
      return parked.has(path) || !dirty.has(path);
    });
    const marks = repair ? differences.map(markOf) : [];
    if (marks.length > 0) run.mark(marks, context.settings.name);
    if (paths === undefined || differences.length > 0) {
      context.events.emit("verified", {
        ...base,
        entries,
        differences: differences.length,
        paths: differences.slice(0, MAX_NAMED).map(({ path }) => path),
        repaired: marks.length,
      });
    }
    return {
      ...base,
      entries,
      differences: differences.slice(0, MAX_TOLD).map(told),
      differenceCount: differences.length,
      repaired: marks.length,
      seconds: seconds(),
      error: null,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const nothing = { entries: 0, differences: [], differenceCount: 0, repaired: 0 };
    return { ...base, ...nothing, seconds: seconds(), error: message };
  }
}

const KINDS = {
  missing: "missing",
  extra: "extra",
  contents: "content",
  attributes: "attributes",
} as const;

function told({ path, kind, change }: TargetDifference): Difference {
  return { path: displayPath(path), kind: KINDS[kind], itemized: change === "" ? null : change };
}

function markOf({ path, kind }: TargetDifference): Mark {
  if (kind === "missing") return { path, reach: Reach.Tree };
  return { path, reach: Reach.Item, force: kind === "contents" };
}
