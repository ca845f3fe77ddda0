/**
 * How fast a target may be written to at this time of day.
 * @module
 */

import type { TargetSettings } from "../config/settings.js";
import { inWindow } from "./time-window.js";

/** KiB per second; 0 is no limit. The first window that fits decides. */
export function bandwidthAt({ limit, at }: TargetSettings["bandwidth"], now: Date): number {
  const bytes = at.find(({ window }) => inWindow(window, now))?.limit ?? limit;
  return bytes > 0 ? Math.max(1, Math.round(bytes / 1024)) : 0;
}
