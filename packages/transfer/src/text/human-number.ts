/**
 * Numbers for people, by the level of `--human-readable`. Spec: docs/protocol/4-command.md, 12.
 * @module
 */

/** How numbers are written. */
export interface NumberStyle {
  /** 0 plain digits, 1 separators, 2 units of 1000, 3 and up units of 1024. */
  humanLevel: number;
  /** Between groups of three digits: `.` where the locale's decimal point is `,`. */
  separator: "," | ".";
}

const UNITS = ["K", "M", "G", "T", "P"] as const;

/** The style of a run without `-h` in a locale whose decimal point is `.`. */
export const DEFAULT_NUMBERS: NumberStyle = { humanLevel: 1, separator: "," };

/**
 * The sign between groups of three digits, from the locale variables in the order that C libraries read them: `.` where
 * the decimal point is `,`, else `,` (also in the C locale).
 */
export function digitSeparator(
  environment: Readonly<Record<string, string | undefined>>,
): NumberStyle["separator"] {
  const { LC_ALL, LC_NUMERIC, LANG } = environment;
  const [locale = ""] = (LC_ALL || LC_NUMERIC || LANG || "C").split(/[.@]/);
  if (locale === "C" || locale === "POSIX") return ",";
  try {
    return new Intl.NumberFormat(locale.replace("_", "-")).format(1.5).includes(",") ? "." : ",";
  } catch {
    return ","; // What is no locale at all counts as the C locale, as in C.
  }
}

/**
 * Two decimals, rounded as C's printf does: an exact tie goes to the even digit, where `toFixed` goes up.
 * Halves of a hundredth that binary can hold are the odd multiples of 1/8.
 */
export function formatHundredths(value: number): string {
  const eighths = value * 8;
  if (Math.abs(eighths % 2) !== 1) return value.toFixed(2);
  const cents = Math.floor(value * 100);
  return ((cents % 2 === 0 ? cents : cents + 1) / 100).toFixed(2);
}

function separated(text: string, style: NumberStyle): string {
  if (style.humanLevel === 0) return text;
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, style.separator);
  if (fraction === undefined) return grouped;
  return `${grouped}${style.separator === "," ? "." : ","}${fraction}`;
}

function scaled(value: number, style: NumberStyle): string | null {
  if (style.humanLevel < 2) return null;
  const base = style.humanLevel === 2 ? 1000 : 1024;
  if (Math.abs(value) < base) return null;
  let rest = value / base;
  let unit = 0;
  while (Math.abs(rest) >= base && unit < UNITS.length - 1) {
    rest /= base;
    unit++;
  }
  const text = formatHundredths(rest);
  return `${style.separator === "," ? text : text.replace(".", ",")}${UNITS[unit]}`;
}

/** A count of items: never scaled. `1,204` */
export function formatCount(count: number, style: NumberStyle): string {
  return separated(String(count), style);
}

/** A number of bytes: `1234567`, `1,234,567`, `1.23M` or `1.18M` at level 0, 1, 2 and 3. */
export function formatBytes(bytes: number, style: NumberStyle): string {
  return scaled(bytes, style) ?? formatCount(bytes, style);
}

/** A ratio such as the speedup: two decimals, never scaled. `130,604,010.88` */
export function formatRatio(value: number, style: NumberStyle): string {
  return separated(formatHundredths(value), style);
}

/** Bytes per second: scaled like bytes, else with two decimals. `6,003,956.00` or `13.20M` */
export function formatRate(bytesPerSecond: number, style: NumberStyle): string {
  return scaled(bytesPerSecond, style) ?? formatRatio(bytesPerSecond, style);
}
