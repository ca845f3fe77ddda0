/**
 * What a run did to an item, as `-i` shows it.
 * @module
 */
import { formatItemized, type ItemEvent } from "@tsrsync/transfer";

/** The change of an item that was sent or received with its times: `<f.st......`, `cd+++++++++` and the like. */
export function changeText({ entry, flags, ...event }: ItemEvent): string {
  return formatItemized(
    { ...event, itemFlags: flags, mode: entry.mode, deleted: false },
    { local: false, preserveTimes: true },
  );
}
