/**
 * What is known of a target belongs to the place that it was learnt at.
 * @module
 */
import type { TargetSettings } from "../config/settings.js";
import { withoutPassword } from "../fail-log/target-address.js";
import type { TargetRecord } from "../journal/types.js";

/** Kept under these names in the target's record. */
const PLACE = "place";
/** See FullSyncs and TargetWork. */
const LEARNT_THERE = ["adopted", "capabilities", "heldUpTo", "heldTrees"];
/** The same: a full sync was asked for, and has not been done. */
export const FULL_SYNC_WANTED = "fullSyncWanted";

/**
 * A target that is new, or whose address is another one than before, wants a full sync. That is noted before anything else is
 * known of it: after a crash it must not look as if it had been synced.
 */
export function noticePlace(record: TargetRecord, { url, fullSync }: TargetSettings): void {
  const place = withoutPassword(url);
  const before = record.get(PLACE);
  if (before === place) return;
  const isOther = record.isNew || before !== undefined;
  if (isOther) for (const key of LEARNT_THERE) record.set(key, undefined);
  if (isOther && fullSync.onStart !== "never") record.set(FULL_SYNC_WANTED, true);
  record.set(PLACE, place);
}
