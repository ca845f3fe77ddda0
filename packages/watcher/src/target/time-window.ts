/**
 * Windows of time within a day: `08:00-20:00`, `22:00-06:00`.
 * @module
 */

/** Whether `now` (local time) lies in the window; its end does not. `always` and what is no window has no ends. */
export function inWindow(window: string, now: Date): boolean {
  const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(window.trim());
  if (match === null) return true;
  const [, fromHour, fromMinute, toHour, toMinute] = match.map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  const minute = now.getHours() * 60 + now.getMinutes();
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
