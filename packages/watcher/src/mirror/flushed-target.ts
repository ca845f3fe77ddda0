/**
 * What a flush found at one target.
 * @module
 */
import type { FlushedTarget } from "../control/types.js";
import type { RootRun } from "./root-run.js";
import type { TargetRunner } from "./target-runner.js";

/** Whether the target has everything up to a mark, and why not. */
export function flushedTarget(run: RootRun, runner: TargetRunner, sequence: number): FlushedTarget {
  const { dirty } = runner.context.ledger;
  const isPending = dirty.isPending(sequence);
  const reached = !isPending && !dirty.isParked(sequence);
  const reason = reached
    ? ""
    : isPending
      ? runner.reason ||
        runner.work.fullSyncs.waitReason(dirty) ||
        run.reason ||
        "not within the time"
      : `${dirty.parkedCount} paths did not arrive`;
  const { root, settings } = runner.context;
  return { root, target: settings.name, reached, state: runner.state, dirty: dirty.size, reason };
}
