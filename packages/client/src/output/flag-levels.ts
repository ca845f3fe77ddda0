/**
 * Levels of named output flags: what `--info=` and `--debug=` say and what `-v` implies.
 * Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import { UsageError } from "@tsrsync/protocol";

/** One family of flags, `--info` or `--debug`. */
export interface FlagFamily<Name extends string> {
  option: "info" | "debug";
  /** What each flag tells, for the `HELP` table, which has this order. */
  summaries: Readonly<Record<Name, string>>;
  /** What each count of `-v` adds to the ones before it. */
  verbosity: readonly Readonly<Partial<Record<Name, number>>>[];
}

/** A level for each flag. */
export type FlagLevels<Name extends string> = Record<Name, number>;

/** What the words of one or more options set. */
export interface FlagWords<Name extends string> {
  /** The levels that the user set; they beat all others. */
  levels: ReadonlyMap<Name, number>;
  /** `HELP` was met: print the table and exit with 0. */
  help: boolean;
}

const MAX_LEVEL = 4;

/**
 * Parses the comma lists of an option, in order; later words win. `HELP` ends the reading, so that wrong words after it
 * do no harm.
 * @throws UsageError for an unknown name.
 */
export function parseFlagWords<Name extends string>(
  family: FlagFamily<Name>,
  lists: readonly string[],
): FlagWords<Name> {
  const names = flagNames(family);
  const levels = new Map<Name, number>();
  for (const word of lists.flatMap((list) => list.split(",")).filter((word) => word !== "")) {
    const { stem, level } = splitWord(word);
    const upper = stem.toUpperCase();
    if (upper === "HELP") return { levels, help: true };
    const chosen = upper === "ALL" || upper === "NONE" ? names : names.filter((n) => n === upper);
    if (chosen.length === 0) throw new UsageError(`Unknown --${family.option} item: "${stem}"`);
    for (const name of chosen) levels.set(name, upper === "NONE" ? 0 : level);
  }
  return { levels, help: false };
}

/** The levels of a run: what `-v` implies or `implied` raises, unless the user set it. */
export function resolveFlagLevels<Name extends string>(
  family: FlagFamily<Name>,
  verbose: number,
  userLevels: ReadonlyMap<Name, number>,
  implied?: Readonly<Partial<Record<Name, number>>>,
): FlagLevels<Name> {
  const sources = [...family.verbosity.slice(0, verbose + 1), implied];
  const levels = {} as FlagLevels<Name>;
  for (const name of flagNames(family)) {
    const impliedLevel = Math.max(0, ...sources.map((source) => source?.[name] ?? 0));
    levels[name] = userLevels.get(name) ?? impliedLevel;
  }
  return levels;
}

/** The table that `HELP` prints, without a final LF. */
export function flagHelp<Name extends string>(family: FlagFamily<Name>): string {
  const row = (name: string, summary: string) => `${name.padEnd(10)} ${summary}`;
  const rows = flagNames(family).map((name) => row(name, family.summaries[name]));
  const verbosity = family.verbosity.flatMap((added, count) => {
    const words = Object.entries<number | undefined>(added).map(([name, level]) => {
      return level === 1 ? name : `${name}${level}`;
    });
    return words.length === 0 ? [] : [`${count}) ${words.join(",")}`];
  });
  return [
    "NAME or NAME1 is level 1, NAME2 level 2 and so on; NAME0 is silent.",
    "",
    ...rows,
    "",
    row("ALL", "All of them (ALL2: all at level 2)"),
    row("NONE", "None of them, the same as ALL0"),
    row("HELP", "This table"),
    "",
    "Added by each -v:",
    ...verbosity,
  ].join("\n");
}

function flagNames<Name extends string>(family: FlagFamily<Name>): Name[] {
  return Object.keys(family.summaries) as Name[];
}

// A word of digits alone is a name, and an unknown one.
function splitWord(word: string): { stem: string; level: number } {
  const [, stem = word, digits = ""] = /^(.+?)(\d*)$/s.exec(word) ?? [];
  return { stem, level: digits === "" ? 1 : Math.min(Number(digits), MAX_LEVEL) };
}
