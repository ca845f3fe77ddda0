/**
 * `--chmod`: changes of permission bits, as items separated by commas. Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { OptionError } from "./option-error.js";

const ALL_BITS = 0o7777;
const RWX_BITS = 0o777;
const EXECUTE_BITS = 0o111;
const SET_UID = 0o4000;
const SET_GID = 0o2000;
const STICKY = 0o1000;

/** A class of users: the place of its three bits, and the special bit that goes with it. */
interface UserClass {
  readonly shift: number;
  readonly special: number;
}

const CLASSES: Readonly<Record<string, UserClass>> = {
  u: { shift: 6, special: SET_UID },
  g: { shift: 3, special: SET_GID },
  o: { shift: 0, special: STICKY },
};

/** One item of `--chmod`. Bits are those of a mode. */
export interface ModeChange {
  /** `D` and `F` in front of it. */
  readonly appliesTo: "all" | "directories" | "files";
  readonly operator: "+" | "-" | "=";
  /** The bits of the classes named that `=` clears first. */
  readonly cleared: number;
  /** The bits that are added, removed or set. */
  readonly bits: number;
  /** `X`: these bits count for directories, and for files that could be executed before all changes. */
  readonly conditionalBits: number;
  /** The class whose bits are copied, by its place; else `null`. */
  readonly copiedShift: number | null;
  /** The rwx bits that this item may touch: those of the classes named, less the umask when none is named. */
  readonly reach: number;
}

const OCTAL_ITEM = /^([DF]*)([0-7]+)$/;
const SYMBOLIC_ITEM = /^([DFugoa]*)([-+=])([rwxXst]*|[ugo])$/;

/**
 * Reads the value of one `--chmod`. Items without a class are masked by `umask`.
 * @throws OptionError
 */
export function parseModeChanges(text: ByteString, umask: number): ModeChange[] {
  return text.split(",").map((item) => {
    const change = parseOctal(item) ?? parseSymbolic(item, umask);
    if (change === null) throw new OptionError(`Invalid argument passed to --chmod (${text})`);
    return change;
  });
}

/** What `D` and `F` among `letters` restrict an item to; `null` when both are there. */
function restriction(letters: string): ModeChange["appliesTo"] | null {
  const directories = letters.includes("D");
  if (!letters.includes("F")) return directories ? "directories" : "all";
  return directories ? null : "files";
}

function parseOctal(item: ByteString): ModeChange | null {
  const [, prefix, digits] = OCTAL_ITEM.exec(item) ?? [];
  if (prefix === undefined || digits === undefined) return null;
  const bits = Number.parseInt(digits, 8);
  const appliesTo = restriction(prefix);
  if (bits > ALL_BITS || appliesTo === null) return null;
  return {
    appliesTo,
    operator: "=",
    cleared: ALL_BITS,
    bits,
    conditionalBits: 0,
    copiedShift: null,
    reach: RWX_BITS,
  };
}

function parseSymbolic(item: ByteString, umask: number): ModeChange | null {
  const [, letters, operator, permissions] = SYMBOLIC_ITEM.exec(item) ?? [];
  if (letters === undefined || operator === undefined || permissions === undefined) return null;
  const appliesTo = restriction(letters);
  if (appliesTo === null) return null;
  const named = letters.replaceAll("a", "ugo");
  const classes = [...(/[ugo]/.test(named) ? named : "ugo")].flatMap((c) => CLASSES[c] ?? []);
  const whole = classes.reduce((bits, { shift }) => bits | (0o7 << shift), 0);
  const anyone = !/[ugoa]/.test(letters);
  const reach = anyone ? whole & ~umask : whole;
  const copied = CLASSES[permissions] ?? null;
  const isRemoval = operator === "-";
  const execute = permissions.includes("x") || (isRemoval && permissions.includes("X"));
  let bits = 0;
  if (permissions.includes("r")) bits |= reach & 0o444;
  if (permissions.includes("w")) bits |= reach & 0o222;
  if (execute) bits |= reach & EXECUTE_BITS;
  return {
    appliesTo,
    operator: operator as ModeChange["operator"],
    cleared: whole | clearedSpecials(letters, permissions),
    bits: bits | specialBits(letters, permissions),
    conditionalBits: permissions.includes("X") ? reach & EXECUTE_BITS : 0,
    copiedShift: copied?.shift ?? null,
    reach,
  };
}

/** What `s` and `t` stand for. */
function specialBits(letters: string, permissions: string): number {
  let bits = permissions.includes("t") ? STICKY : 0;
  if (!permissions.includes("s")) return bits;
  if (/[ga]/.test(letters)) bits |= SET_GID;
  if (/[ua]/.test(letters) || !letters.includes("g")) bits |= SET_UID;
  return bits;
}

/** The special bits that `=` clears: those of the classes it copies to, or that it names together with `s` or `t`. */
function clearedSpecials(letters: string, permissions: string): number {
  const named = letters.replaceAll("a", "ugo");
  const isCopy = permissions in CLASSES;
  if (!isCopy && !/[st]/.test(permissions)) return 0;
  const affected = isCopy && !/[ugo]/.test(named) ? "ugo" : named;
  let bits = 0;
  for (const [name, { special }] of Object.entries(CLASSES)) {
    if (affected.includes(name) && (isCopy || special !== STICKY)) bits |= special;
  }
  return bits;
}

/** The mode, type bits included, after all changes in their order. */
export function changeMode(
  changes: readonly ModeChange[],
  mode: number,
  isDirectory: boolean,
): number {
  let bits = mode & ALL_BITS;
  const conditional = isDirectory || (mode & EXECUTE_BITS) !== 0;
  for (const change of changes) {
    if (change.appliesTo === (isDirectory ? "files" : "directories")) continue;
    bits = applyChange(change, bits, conditional);
  }
  return (mode & ~ALL_BITS) | bits;
}

function applyChange(change: ModeChange, present: number, conditional: boolean): number {
  const { operator, cleared, copiedShift, reach } = change;
  let bits = change.bits | (conditional ? change.conditionalBits : 0);
  if (copiedShift !== null) bits |= (((present >> copiedShift) & 0o7) * EXECUTE_BITS) & reach;
  if (operator === "-") return present & ~bits;
  return (operator === "=" ? present & ~cleared : present) | bits;
}
