/**
 * `--info` and `--debug`: which messages are wanted, and at what level.
 * Spec: docs/protocol/4-command.md, 12.
 * @module
 */
import { UsageError } from "../errors.js";

/** The flags of `--info`, in the order of the table. */
export const INFO_FLAGS = [
  "BACKUP",
  "COPY",
  "DEL",
  "FLIST",
  "MISC",
  "MOUNT",
  "NAME",
  "NONREG",
  "PROGRESS",
  "REMOVE",
  "SKIP",
  "STATS",
  "SYMSAFE",
] as const;

/** The flags of `--debug`. */
export const DEBUG_FLAGS = [
  "ACL",
  "BACKUP",
  "BIND",
  "CHDIR",
  "CONNECT",
  "CMD",
  "DEL",
  "DELTASUM",
  "DUP",
  "EXIT",
  "FILTER",
  "FLIST",
  "FUZZY",
  "GENR",
  "HASH",
  "HLINK",
  "ICONV",
  "IO",
  "NSTR",
  "OWN",
  "PROTO",
  "RECV",
  "SEND",
  "TIME",
] as const;

export type InfoFlag = (typeof INFO_FLAGS)[number];
export type DebugFlag = (typeof DEBUG_FLAGS)[number];

/** The level of each flag; 0 is silent. `given` has those that the user set himself; `help` whether to print the table. */
export interface MessageLevels<Flag extends string> {
  readonly levels: Readonly<Record<Flag, number>>;
  readonly given: ReadonlySet<Flag>;
  readonly help: boolean;
}

const MAX_LEVEL = 4;

/** What each `-v` adds to `--info`, from none on. */
export const INFO_BY_VERBOSITY: readonly string[] = [
  "NONREG",
  "COPY,DEL,FLIST,MISC,NAME,STATS,SYMSAFE",
  "BACKUP,MISC2,MOUNT,NAME2,REMOVE,SKIP",
];

/** What each `-v` adds to `--debug`, from none on. */
export const DEBUG_BY_VERBOSITY: readonly string[] = [
  "",
  "",
  "BIND,CMD,CONNECT,DEL,DELTASUM,DUP,FILTER,FLIST,ICONV",
  "ACL,BACKUP,CONNECT2,DELTASUM2,DEL2,EXIT,FILTER2,FLIST2,FUZZY,GENR,OWN,RECV,SEND,TIME",
  "CMD2,DELTASUM3,DEL3,EXIT2,FLIST3,ICONV2,OWN2,PROTO,TIME2",
  "CHDIR,DELTASUM4,FLIST4,FUZZY2,HASH,HLINK",
];

/** The info levels of `-v` times `verbose`, of `--progress`, and of the `--info` arguments, which win. */
export function infoLevels(
  verbose: number,
  progress: boolean,
  words: readonly string[],
): MessageLevels<InfoFlag> {
  const implied = INFO_BY_VERBOSITY.slice(0, verbose + 1);
  if (progress) implied.push("FLIST2,PROGRESS,NAME");
  return messageLevels("info", INFO_FLAGS, implied, words);
}

/** The debug levels of `-v` times `verbose` and of the `--debug` arguments, which win. */
export function debugLevels(verbose: number, words: readonly string[]): MessageLevels<DebugFlag> {
  return messageLevels("debug", DEBUG_FLAGS, DEBUG_BY_VERBOSITY.slice(0, verbose + 1), words);
}

/** Info levels that say no more than `-v` times `verbosity` would. What no number of `-v` sets stays. */
export function limitInfoLevels(
  levels: MessageLevels<InfoFlag>,
  verbosity: number,
): MessageLevels<InfoFlag> {
  return limited("info", INFO_FLAGS, INFO_BY_VERBOSITY, levels, verbosity);
}

/** The same for debug levels. */
export function limitDebugLevels(
  levels: MessageLevels<DebugFlag>,
  verbosity: number,
): MessageLevels<DebugFlag> {
  return limited("debug", DEBUG_FLAGS, DEBUG_BY_VERBOSITY, levels, verbosity);
}

function limited<Flag extends string>(
  option: string,
  flags: readonly Flag[],
  byVerbosity: readonly string[],
  { levels, given, help }: MessageLevels<Flag>,
  verbosity: number,
): MessageLevels<Flag> {
  const allowed = messageLevels(option, flags, byVerbosity.slice(0, verbosity + 1), []).levels;
  const all = messageLevels(option, flags, byVerbosity, []).levels;
  const level = (flag: Flag) =>
    all[flag] === 0 ? levels[flag] : Math.min(levels[flag], allowed[flag]);
  const entries = flags.map((flag) => [flag, level(flag)]);
  return { levels: Object.fromEntries(entries) as Record<Flag, number>, given, help };
}

function messageLevels<Flag extends string>(
  option: string,
  flags: readonly Flag[],
  implied: readonly string[],
  words: readonly string[],
): MessageLevels<Flag> {
  const levels = Object.fromEntries(flags.map((flag) => [flag, 0])) as Record<Flag, number>;
  for (const { flag, level } of implied.flatMap((list) => parseWords(option, flags, list).flags)) {
    levels[flag] = Math.max(levels[flag], level);
  }
  const given = new Set<Flag>();
  for (const list of words) {
    const parsed = parseWords(option, flags, list);
    for (const { flag, level } of parsed.flags) {
      levels[flag] = level;
      given.add(flag);
    }
    if (parsed.help) return { levels, given, help: true };
  }
  return { levels, given, help: false };
}

interface ParsedWords<Flag> {
  readonly flags: readonly { readonly flag: Flag; readonly level: number }[];
  readonly help: boolean;
}

/** Reads up to `HELP`, so that wrong words after it do no harm. */
function parseWords<Flag extends string>(
  option: string,
  flags: readonly Flag[],
  list: string,
): ParsedWords<Flag> {
  const parsed: { flag: Flag; level: number }[] = [];
  for (const word of list.split(",").filter(Boolean)) {
    const [, name = "", digits = ""] = /^(.+?)(\d*)$/s.exec(word)!;
    const upper = name.toUpperCase();
    const level = digits === "" ? 1 : Math.min(Number(digits), MAX_LEVEL);
    if (upper === "HELP") return { flags: parsed, help: true };
    if (upper === "NONE") parsed.push(...flags.map((flag) => ({ flag, level: 0 })));
    else if (upper === "ALL") parsed.push(...flags.map((flag) => ({ flag, level })));
    else {
      const flag = flags.find((known) => known === upper);
      if (!flag) throw new UsageError(`Unknown --${option} item: "${name}"`);
      parsed.push({ flag, level });
    }
  }
  return { flags: parsed, help: false };
}

/** What a server reports to a client that sends (`push`), or that receives. */
const INFO_OF_SERVER = {
  push: ["BACKUP", "COPY", "DEL", "MISC", "MOUNT", "NAME", "NONREG", "SKIP", "STATS", "SYMSAFE"],
  pull: ["MISC", "MOUNT", "NAME", "REMOVE", "STATS", "SYMSAFE"],
} as const;

const SHARED_LEVEL_FROM = 5;

/**
 * The `--info` argument for the server: what the user set of that which concerns its role; null when that is nothing.
 * When he set all of it, a level that five or more share goes first as `ALL`.
 */
export function infoForServer(
  { levels, given }: MessageLevels<InfoFlag>,
  role: "push" | "pull",
): string | null {
  const relevant: readonly InfoFlag[] = INFO_OF_SERVER[role];
  const set = relevant.filter((flag) => given.has(flag));
  const shared = set.length === relevant.length ? sharedLevel(set.map((flag) => levels[flag])) : -1;
  const words = set
    .filter((flag) => levels[flag] !== shared)
    .map((flag) => levelWord(flag, levels[flag]));
  if (shared >= 0) words.unshift(shared === 0 ? "NONE" : levelWord("ALL", shared));
  return words.length === 0 ? null : words.join(",");
}

function sharedLevel(levels: readonly number[]): number {
  for (let level = 0; level <= MAX_LEVEL; level++) {
    if (levels.filter((each) => each === level).length >= SHARED_LEVEL_FROM) return level;
  }
  return -1;
}

function levelWord(name: string, level: number): string {
  return level === 1 ? name : `${name}${level}`;
}
