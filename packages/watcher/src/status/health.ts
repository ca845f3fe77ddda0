/**
 * Whether all is well: what `status` ends with 0 for, and what `/healthz` tells.
 * @module
 */
import type { MirrorStatus } from "../control/types.js";

/** True when every root is watched, and every target is up to date or being brought there, none behind by `maxLagSeconds` or more. */
export function isHealthy(status: MirrorStatus, maxLagSeconds: number): boolean {
  return status.roots.every(
    ({ state, targets }) =>
      (state === "live" || state === "scanning") &&
      targets.every(
        (target) =>
          (target.state === "idle" || target.state === "pushing") &&
          target.lagSeconds < maxLagSeconds,
      ),
  );
}
