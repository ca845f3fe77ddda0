/**
 * Local dates as rsync writes them.
 * @module
 */

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** `yyyy/mm/dd hh:mm:ss` in local time, with `between` in the place of the blank. */
export function formatLocalTime(secondsSinceEpoch: number, between = " "): string {
  const date = new Date(secondsSinceEpoch * 1000);
  if (Number.isNaN(date.getTime())) return "(time out of range)";
  const day = `${pad(date.getFullYear(), 4)}/${pad(date.getMonth() + 1)}/${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${day}${between}${time}`;
}
