/**
 * What people are told of.
 * @module
 */
import type { NotifyEvent } from "../config/settings.js";

/** An alarm, or its end. */
export interface Alarm {
  event: NotifyEvent;
  /** `resolved`: what was raised under the same event, root and target is over. */
  state: "raised" | "resolved";
  /** `null` where it concerns none. */
  root: string | null;
  target: string | null;
  text: string;
  at: Date;
}

/** What two alarms have in common that are the same trouble. */
export const alarmKey = ({ event, root, target }: Omit<Alarm, "state" | "text" | "at">): string =>
  JSON.stringify([event, root, target]);
