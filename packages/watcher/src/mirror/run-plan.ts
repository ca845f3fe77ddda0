/**
 * One push of a plan: from its announcement to its settlement.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { PlannedPush } from "../batch/plan-push.js";
import type { BatchEvent } from "../events/mirror-events.js";
import { displayPath } from "../log/display-path.js";
import type { DirtyMap } from "../state/dirty-map.js";
import type { Mark } from "../state/mark.js";
import type { Taken } from "../state/take-marks.js";
import type { Capabilities, PushOutcome, PushPlan } from "../target/types.js";
import type { FailedPaths } from "./failed-paths.js";
import type { TargetContext } from "./target-context.js";

/** What fails again and again must not be all that is done, whatever the settings say. In milliseconds. */
const SOONEST_RETRY = 1000;

const UNREADABLE = "cannot be looked at in the source";
/** So many paths are named in a warning. */
const MAX_NAMED = 10;

/** So many delays are told of one push. */
const MAX_DELAYS = 1000;

/** Whether a plan asks for anything. */
export function isEmptyPlan({ items, deletes, trees, links }: PushPlan): boolean {
  return items.length + deletes.length + trees.length + links.length === 0;
}

/** The event that announces a push. */
export function batchOf(context: TargetContext, plan: PushPlan, sequence: number): BatchEvent {
  const { root, settings } = context;
  return { root, target: settings.name, batch: context.nextBatch(), sequence, plan };
}

/**
 * Pushes what was planned and settles it.
 * @throws TargetError when the push did not end in order: everything stays dirty
 */
export async function runPlan(
  context: TargetContext,
  planned: PlannedPush,
  batch: BatchEvent,
  capabilities: Capabilities,
  failures: FailedPaths,
  signal: AbortSignal,
): Promise<PushOutcome> {
  const { ledger, target, batch: limits, events } = context;
  const started = context.now();
  events.emit("batch", batch);
  // Once the target has a name, a killed mirror must know that it may be there.
  await context.commit();
  for (const path of planned.plan.items) context.brought(path);
  const pushed = await target.push(planned.plan, capabilities, { signal, atomic: limits.atomic });
  const outcome = withUnreadable(pushed, planned);
  const marks = planned.failedMarks(outcome.failed.keys());
  const delaysMs = delaysOf(planned.covered, marks, ledger.dirty);
  const failedAgain = settle(context, planned, outcome, marks, failures);
  const wallMs = context.now() - started;
  const delayMs = Math.max(0, ...delaysMs);
  events.emit("pushed", { ...batch, outcome, wallMs, delayMs, delaysMs, failedAgain });
  return outcome;
}

/** Settles what was planned where there is nothing to be sent. */
export function settleUnsent(
  context: TargetContext,
  planned: PlannedPush,
  failures: FailedPaths,
): void {
  const failed = unreadableOf(planned);
  const again = failures.update(planned.covered, failed);
  settleTaken(context, failures, planned.covered, planned.failedMarks([]), planned.rest);
  const news = [...failed.keys()].filter((path) => !again.has(path));
  if (news.length === 0) return;
  const names = news.slice(0, MAX_NAMED).map(displayPath).join(", ");
  const text = `${UNREADABLE}: ${names}${news.length > MAX_NAMED ? ", ..." : ""}`;
  context.events.emit("warning", { root: context.root, target: context.settings.name, text });
}

function withUnreadable(pushed: PushOutcome, planned: PlannedPush): PushOutcome {
  if (planned.unreadable.length === 0) return pushed;
  return { ...pushed, failed: new Map([...pushed.failed, ...unreadableOf(planned)]) };
}

function unreadableOf({ unreadable }: PlannedPush): Map<ByteString, string> {
  return new Map(unreadable.map((path) => [path, UNREADABLE]));
}

/** How long ago each path was marked that has arrived now; the oldest ones of very many. */
function delaysOf({ entries }: Taken, failed: ReadonlySet<ByteString>, dirty: DirtyMap): number[] {
  const now = Date.now();
  const delays: number[] = [];
  for (const { path } of entries) {
    if (delays.length >= MAX_DELAYS) break;
    const marked = failed.has(path) ? null : dirty.markedAt(path);
    if (marked !== null) delays.push(Math.max(0, now - marked));
  }
  return delays;
}

/** Forgets what arrived, parks what did not. Returns the paths that did not arrive for another time. */
function settle(
  context: TargetContext,
  planned: PlannedPush,
  outcome: PushOutcome,
  marks: ReadonlySet<ByteString>,
  failures: FailedPaths,
): ReadonlySet<ByteString> {
  const again = failures.update(planned.covered, failedOf(planned, outcome, marks));
  settleTaken(context, failures, planned.covered, marks, planned.rest);
  return again;
}

/** Some marks stand behind the paths that were named: they failed with them. Deletions that are held back did not fail. */
function failedOf(
  planned: PlannedPush,
  { failed }: PushOutcome,
  marks: ReadonlySet<ByteString>,
): ReadonlyMap<ByteString, string> {
  const [reason] = failed.values();
  if (reason === undefined) return failed;
  const all = new Map(failed);
  const held = planned.failedMarks([]);
  for (const path of marks) if (!all.has(path) && !held.has(path)) all.set(path, reason);
  return all;
}

/** Settles marks; the failed ones come again soon at first, in the end every `failLog.retryEvery`. */
export function settleTaken(
  { ledger, settings }: TargetContext,
  failures: FailedPaths,
  taken: Taken,
  failed: ReadonlySet<ByteString>,
  rest: readonly Mark[] = [],
): void {
  const now = Date.now();
  const longest = Math.max(settings.failLog.retryEvery, SOONEST_RETRY);
  ledger.settle(taken, failed, now + longest, rest);
  if (failed.size === 0) return;
  const nothing: Taken = { ...taken, entries: [], swallowed: [] };
  for (const [wait, paths] of failures.retries(failed, longest)) {
    if (wait < longest) ledger.settle(nothing, paths, now + wait);
  }
}
