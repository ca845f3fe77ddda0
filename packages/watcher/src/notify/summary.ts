/**
 * The daily summary: what was done since the last one, and how things stand.
 * @module
 */
import type { MirrorStatus, TargetStatus } from "../control/types.js";
import { formatSize } from "../log/text-line.js";

/** Figures of a target that grow. */
type Totals = Pick<TargetStatus, "pushes" | "failures" | "files" | "deleted" | "sentBytes">;

const NOTHING: Totals = { pushes: 0, failures: 0, files: 0, deleted: 0, sentBytes: 0 };

/** Milliseconds until the next midnight of this place. */
export function untilMidnight(now: Date): number {
  const next = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  return next.getTime() - now.getTime();
}

/** Makes summaries, each of what came after the one before. */
export function createSummary(): (status: MirrorStatus) => string {
  let previous = new Map<string, Totals>();

  function targetLine(key: string, target: TargetStatus, before: Totals): string {
    const pushes = target.pushes - before.pushes;
    const failures = target.failures - before.failures;
    const sent = formatSize(target.sentBytes - before.sentBytes);
    const now = target.reason === "" ? target.state : `${target.state} (${target.reason})`;
    const parked = target.parkedCount > 0 ? `, ${target.parkedCount} paths failed` : "";
    return (
      `${key}: ${now}, ${target.dirty} paths to go${parked}; ${pushes} pushes, ${failures} failures, ` +
      `${target.files - before.files} files, ${target.deleted - before.deleted} deleted, ${sent} bytes sent`
    );
  }

  return (status) => {
    const lines: string[] = [];
    const totals = new Map<string, Totals>();
    for (const root of status.roots) {
      if (root.state !== "live") lines.push(`${root.name}: ${root.state} ${root.reason}`.trimEnd());
      for (const target of root.targets) {
        const key = `${root.name}/${target.name}`;
        lines.push(targetLine(key, target, previous.get(key) ?? NOTHING));
        totals.set(key, target);
      }
    }
    previous = totals;
    return lines.join("\n");
  };
}
