/**
 * The state of a mirror as JSON (spec 6, 8).
 * @module
 */
import type { ParkedPath, RootStatus, TargetStatus } from "../control/types.js";
import { withoutPassword } from "../fail-log/target-address.js";
import { displayPath } from "../log/display-path.js";
import type { RootRun } from "./root-run.js";
import type { TargetRunner } from "./target-runner.js";

const MAX_PARKED = 100;

/** One root and its targets. */
export function rootStatus(run: RootRun): RootStatus {
  const figures = run.watcher.figures();
  return {
    name: run.settings.name,
    path: run.settings.path,
    state: run.state,
    reason: run.reason,
    watches: figures.watches,
    shards: figures.shards,
    polled: figures.polledDirectories,
    openFiles: figures.openFiles,
    events: figures.events,
    overflows: figures.overflows,
    sequence: run.sequence,
    entries: figures.walkedEntries,
    scanSeconds: figures.walkSeconds,
    targets: [...run.runners.values()].map((runner) => targetStatus(run, runner)),
  };
}

function targetStatus(run: RootRun, runner: TargetRunner): TargetStatus {
  const { work, context } = runner;
  const { dirty } = context.ledger;
  const oldest = dirty.oldestMark;
  const { figures } = work;
  return {
    name: context.settings.name,
    url: withoutPassword(context.settings.url),
    state: runner.state,
    reason: runner.reason,
    dirty: dirty.size,
    lagSeconds: oldest === null ? 0 : Math.max(0, (Date.now() - oldest) / 1000),
    sequence: dirty.size === 0 ? run.sequence : dirty.confirmed,
    parked: parkedOf(runner),
    parkedCount: dirty.parkedCount,
    heldDeletes: work.held.count,
    pushes: figures.pushes,
    failures: figures.failures,
    retryInMs: Math.round(runner.retryIn),
    lastError: figures.lastError,
    lastSuccess: figures.lastSuccess === null ? null : new Date(figures.lastSuccess).toISOString(),
    capabilities: work.capabilities,
    fullSync: work.fullSyncs.status,
    files: figures.files,
    deleted: figures.deleted,
    bytes: figures.bytes,
    sentBytes: figures.sentBytes,
    matchedBytes: figures.matchedBytes,
  };
}

function parkedOf({ work }: TargetRunner): ParkedPath[] {
  const parked: ParkedPath[] = [];
  for (const [path, { reason, since }] of work.failedPaths.entries()) {
    if (parked.length >= MAX_PARKED) break;
    parked.push({ path: displayPath(path), reason, since: new Date(since).toISOString() });
  }
  return parked;
}
