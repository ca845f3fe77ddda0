/**
 * When `--stop-at` and `--stop-after` end the run, in local time.
 *
 *     --stop-after=MINUTES
 *     --stop-at=[[YEAR-]MONTH-]DAY[T[HOUR:MINUTE]]   [T]HOUR:MINUTE   :MINUTE
 *
 * `/` may stand for `-`. What is missing is the next match in the future.
 * Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import { OptionError } from "./option-error.js";
import type { StopOption } from "./settings.js";

const MS_PER_MINUTE = 60_000;
/** The 29th of February comes back within eight years, around a century too. */
const YEARS_TO_TRY = 9;
const MONTHS_TO_TRY = 3;

interface StopPattern {
  readonly year: number | null;
  readonly month: number | null;
  readonly day: number | null;
  readonly hour: number | null;
  readonly minute: number;
}

/** @throws OptionError when the text can not be read, or names a time that is over. */
export function parseStopTime({ option, text }: StopOption, now: Date): Date {
  if (option === "stop-after") {
    const minutes = /^\d{1,10}$/.test(text) ? Number(text) : 0;
    if (minutes === 0) throw new OptionError(`invalid --stop-after value: ${text}`);
    return new Date(now.getTime() + minutes * MS_PER_MINUTE);
  }
  const pattern = readPattern(text);
  if (pattern === null) throw new OptionError(`invalid --stop-at format: ${text}`);
  const stop = candidates(pattern, now).find((time) => time > now);
  if (stop) return stop;
  throw new OptionError(
    pattern.year === null
      ? `invalid --stop-at format: ${text}`
      : `--stop-at time is not in the future: ${text}`,
  );
}

function readPattern(text: string): StopPattern | null {
  const date = /^(?:(?:(\d+)[-/])?(\d+)[-/])?(\d+)(?:[Tt](?:(\d+):(\d+))?)?$/.exec(text);
  const time = /^(?:[Tt]?(\d+))?:(\d+)$/.exec(text);
  if (!date && !time) return null;
  const number = (digits: string | undefined) => (digits === undefined ? null : Number(digits));
  const pattern = {
    year: number(date?.[1]),
    month: number(date?.[2]),
    day: number(date?.[3]),
    hour: date ? (number(date[4]) ?? 0) : number(time?.[1]),
    minute: number(date ? date[5] : time?.[2]) ?? 0,
  };
  const { month, day, hour, minute } = pattern;
  const fits = within(month, 1, 12) && within(day, 1, 31) && within(hour, 0, 23);
  return fits && minute <= 59 ? pattern : null;
}

function within(value: number | null, min: number, max: number): boolean {
  return value === null || (value >= min && value <= max);
}

/** The times that fit, in order, from the first that may still be in the future. */
function candidates({ year, month, day, hour, minute }: StopPattern, now: Date): Date[] {
  const thisYear = now.getFullYear();
  const thisMonth = now.getMonth();
  const today = now.getDate();
  if (day === null) {
    const thisHour = hour ?? now.getHours();
    const [days, hours] = hour === null ? [0, 1] : [1, 0];
    return [0, 1].map(
      (step) => new Date(thisYear, thisMonth, today + step * days, thisHour + step * hours, minute),
    );
  }
  const at = (y: number, monthIndex: number) => new Date(y, monthIndex, day, hour ?? 0, minute);
  if (month === null) {
    const months = Array.from({ length: MONTHS_TO_TRY }, (_, step) =>
      at(thisYear, thisMonth + step),
    );
    return months.filter((time) => time.getDate() === day);
  }
  if (year !== null) return [at(fullYear(year, thisYear), month - 1)];
  const years = Array.from({ length: YEARS_TO_TRY }, (_, step) => at(thisYear + step, month - 1));
  return years.filter((time) => time.getDate() === day);
}

/** Two digits mean this century, or the next one when that year is over. */
function fullYear(year: number, thisYear: number): number {
  if (year > 99) return year;
  const inThisCentury = thisYear - (thisYear % 100) + year;
  return inThisCentury < thisYear ? inThisCentury + 100 : inThisCentury;
}
