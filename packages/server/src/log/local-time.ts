/**
 * Local dates as logs have them.
 * @module
 */

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

/** `YYYY/MM/DD HH:MM:SS` in local time, with `between` in the place of the blank. */
export function formatLocalTime(date: Date, between = " "): string {
  const day = `${pad(date.getFullYear(), 4)}/${pad(date.getMonth() + 1)}/${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${day}${between}${time}`;
}
