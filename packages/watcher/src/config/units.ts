/**
 * Sizes and times as people write them: `50M` (steps of 1024), `30s`.
 * @module
 */

/** A timer holds no more milliseconds; a longer one would fire at once. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

const SIZE_UNITS: readonly (readonly [string, number])[] = [
  ["T", 1024 ** 4],
  ["G", 1024 ** 3],
  ["M", 1024 ** 2],
  ["k", 1024],
];

const TIME_UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** What a size looks like, for editors. */
export const SIZE_PATTERN = "^[0-9]+(\\.[0-9]+)?[kKmMgGtT]?$";
/** What a time looks like, for editors. */
export const TIME_PATTERN = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d)|0)$";

/** Bytes, or null for what is no size. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)$/i.exec(text);
  if (match === null) return null;
  const unit = SIZE_UNITS.find(([name]) => name.toLowerCase() === match[2]!.toLowerCase());
  return exact(match[1]!, unit?.[1] ?? 1);
}

/** The shortest text that stands for exactly that many bytes. */
export function formatBytes(bytes: number): string {
  const unit = bytes === 0 ? undefined : SIZE_UNITS.find(([, factor]) => bytes % factor === 0);
  return unit === undefined ? `${bytes}` : `${bytes / unit[1]}${unit[0]}`;
}

/** Milliseconds, or null for what is no time. Only 0 goes without a unit. */
export function parseTime(text: string): number | null {
  if (text === "0") return 0;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return null;
  return exact(match[1]!, TIME_UNITS.find(([name]) => name === match[2])![1]);
}

/** The shortest text that stands for exactly that many milliseconds. */
export function formatTime(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const [name, factor] = TIME_UNITS.find(([, each]) => milliseconds % each === 0)!;
  return `${milliseconds / factor}${name}`;
}

/** Fractions of a byte or a millisecond are rounded; what a number can not hold exactly is refused. */
function exact(digits: string, factor: number): number | null {
  const value = Math.round(Number(digits) * factor);
  return Number.isSafeInteger(value) ? value : null;
}
