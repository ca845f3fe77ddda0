/**
 * Whether all is well: what `status` ends with 0 for, and what `/healthz` tells.
 * @module
 */
import type { MirrorStatus, TargetStatus } from "../control/types.js";

/** True when every root is watched, and every target is up to date or being brought there, none behind by `maxLagSeconds` or more. */
export function isHealthy(status: MirrorStatus, maxLagSeconds: number): boolean {
  return status.roots.every(
    ({ state, targets }) =>
      (state === "live" || state === "scanning") &&
      targets.every(
        (target) =>
          (target.state === "idle" || (target.state === "pushing" && !isAttempt(target))) &&
          target.lagSeconds < maxLagSeconds,
      ),
  );
}

/** After a failure a push is an attempt, until one has succeeded. */
function isAttempt({ lastError, lastSuccess }: TargetStatus): boolean {
  return (
    lastError !== null &&
    lastError.failure !== "path" &&
    (lastSuccess === null || lastError.at > lastSuccess)
  );
}
