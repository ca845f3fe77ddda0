/**
 * The numbers of the command line: integers as C reads them, and sizes with units.
 * Spec: docs/protocol/4-command.md, 2 and 4.
 * @module
 */
import { OptionError } from "./option-error.js";

const INT_MIN = -0x80000000;
const INT_MAX = 0x7fffffff;
const SIZE_LIMIT = 2 ** 63;

/**
 * An int with C's prefixes (`0x10` is 16, `010` is 8); empty is 0.
 * @param blamed the word that a message names.
 */
export function parseInteger(text: string, blamed: string): number {
  if (text === "") return 0;
  const match = /^\s*([+-]?)(?:0x([\da-f]+)|0([0-7]*)|([1-9]\d*))$/i.exec(text);
  if (!match) throw new OptionError(`${blamed}: invalid numeric value`);
  const [, sign, hex, octal, decimal] = match;
  const magnitude =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : octal !== undefined
        ? Number.parseInt(octal || "0", 8)
        : Number(decimal);
  const value = sign === "-" ? -magnitude : magnitude;
  if (value < INT_MIN || value > INT_MAX) {
    throw new OptionError(`${blamed}: number too large or too small`);
  }
  return value === 0 ? 0 : value;
}

/** What limits a size option: its default unit in bytes, and its bounds in bytes (`min` allows 0 too). */
export interface SizeRule {
  readonly unit?: number;
  readonly min?: number;
  readonly max?: number;
}

/**
 * A size in bytes: `NUM[UNIT][+1|-1]`. Exact below 2^53; beyond, the nearest number.
 * @param option the long name, for messages.
 * @throws OptionError
 */
export function parseSize(option: string, text: string, rule: SizeRule = {}): number {
  const fail = (problem: string) => new OptionError(`--${option}=${text} is ${problem}`);
  const max = rule.max === undefined ? "" : ` (max: ${formatBinarySize(rule.max)})`;
  if (text.startsWith("-")) throw fail(`too large${max}`);
  const match = /^(?!\+)(\d*)(?:\.(\d*))?(?:([bkmgtp])(i?b)?)?([+-]1)?$/i.exec(text);
  if (!match) throw fail("invalid");
  const [, whole, fraction, unit, suffix, step] = match;
  const factor = unit ? unitFactor(unit, suffix) : (rule.unit ?? 1);
  const size = Math.trunc(Number(`${whole || 0}.${fraction || 0}`) * factor) + Number(step ?? 0);
  // 8192P-1 is 2^63 again as a double, and so refused, as in rsync.
  if (size < 0 || size >= SIZE_LIMIT || (rule.max !== undefined && size > rule.max)) {
    throw fail(`too large${max}`);
  }
  if (rule.min !== undefined && size > 0 && size < rule.min) {
    throw fail(`too small (min: ${formatBinarySize(rule.min)} or 0 for unlimited)`);
  }
  return size;
}

function unitFactor(unit: string, suffix: string | undefined): number {
  const base = suffix?.toLowerCase() === "b" ? 1000 : 1024;
  return base ** "bkmgtp".indexOf(unit.toLowerCase());
}

/** A size at human level 3: `128.00K`, `1.00M`; digits below 1024. */
function formatBinarySize(size: number): string {
  if (size < 1024) return String(size);
  const exponent = Math.min(5, Math.floor(Math.log2(size) / 10));
  return `${(size / 1024 ** exponent).toFixed(2)}${"KMGTP"[exponent - 1]}`;
}
