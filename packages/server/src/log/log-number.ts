/**
 * Numbers of bytes in log lines, by the number of apostrophes in the escape.
 * @module
 */

const UNITS = ["K", "M", "G", "T", "P"] as const;

/**
 * @param style 0: `1234567`; 1: `1,234,567`; 2: units of 1000, `1.23M`; 3 and more: units of 1024, `1.18M`.
 */
export function formatLogNumber(value: number, style: number): string {
  const base = style === 2 ? 1000 : 1024;
  if (style < 2 || value < base) {
    return style === 0 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ",");
  }
  let rest = value / base;
  let unit = 0;
  while (rest >= base && unit < UNITS.length - 1) {
    rest /= base;
    unit++;
  }
  return `${rest.toFixed(2)}${UNITS[unit]}`;
}
