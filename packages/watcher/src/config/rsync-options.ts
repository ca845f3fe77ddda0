/**
 * The words of rsync that say what a mirror keeps: read by the client's own parser, sorted into what stays an option, what a
 * key of the configuration says, and what a mirror decides by itself.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import {
  type FilterOption,
  parseArguments,
  type Settings,
  splitShellCommand,
} from "@tsrsync/protocol/arguments";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { type GivenOption, splitOptions } from "./given-options.js";
import { DROPPED, INSTEAD, KEPT, KEYS, RULES } from "./rsync-option-kinds.js";

/** What the words said. */
export interface MirrorOptions {
  /** Options for every push, one bundle of letters first. */
  readonly words: readonly string[];
  /** Said by words, kept in keys. Undefined: not said. */
  readonly hardLinks?: boolean;
  readonly acls?: boolean;
  readonly xattrs?: boolean;
  readonly compress?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly connectTimeout?: number;
  /** Bytes per second. */
  readonly bandwidth?: number;
  readonly partialDir?: string;
  /** Filter rules, where options may be some. */
  readonly rules?: readonly string[];
  /** Names of options that a mirror decides by itself. */
  readonly dropped: readonly string[];
}

/**
 * Reads the words of one text, quoted as for a remote shell. With `takesRules`, filter rules among them are taken, too.
 * @throws UsageError that says which option does not belong.
 */
export function parseMirrorOptions(text: string, takesRules = false): MirrorOptions {
  const words = splitShellCommand(byteStringFromText(text));
  const { settings, paths, mode } = parseArguments(words);
  if (mode !== "client")
    throw new RsyncError(1, "--server and --daemon can not be used in a mirror");
  if (paths.length > 0) throw new RsyncError(1, `expected options only, got "${paths[0]}"`);
  const sorted: Sorted = { letters: "", words: [], dropped: [] };
  for (const option of splitOptions(words)) {
    if (!takesRules || !RULES.has(option.name)) sortOption(option, sorted);
  }
  return {
    words: [...(sorted.letters === "" ? [] : [`-${sorted.letters}`]), ...sorted.words],
    ...keysOf(settings, new Set(splitOptions(words).map(({ name }) => name))),
    ...(settings.filters.length === 0 ? {} : { rules: settings.filters.map(ruleOf) }),
    dropped: sorted.dropped,
  };
}

/** Settings are text; the parser's words are bytes. */
function toText(bytes: ByteString): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function ruleOf({ kind, text }: FilterOption): string {
  const rule = toText(text);
  if (kind === "filter") return rule;
  return `${kind === "include" ? "+" : "-"} ${rule}`;
}

interface Sorted {
  letters: string;
  readonly words: string[];
  readonly dropped: string[];
}

const ARCHIVE_LETTERS = "lptgoD";

function sortOption(option: GivenOption, sorted: Sorted): void {
  const { name } = option;
  if (name === "archive") addLetters(sorted, ARCHIVE_LETTERS);
  else if (DROPPED.has(name)) sorted.dropped.push(name);
  else if (KEPT.has(name)) {
    if (option.letter === null) sorted.words.push(...option.words.map(toText));
    else addLetters(sorted, option.letter);
  } else if (!KEYS.has(name)) {
    const instead = INSTEAD[name];
    throw new RsyncError(
      1,
      `${option.words[0]} can not be used in a mirror${instead === undefined ? "" : `: ${instead}`}`,
    );
  }
}

function addLetters(sorted: Sorted, letters: string): void {
  for (const letter of letters) if (!sorted.letters.includes(letter)) sorted.letters += letter;
}

function keysOf(
  settings: Settings,
  given: ReadonlySet<string>,
): Omit<MirrorOptions, "words" | "dropped"> {
  return {
    ...(given.has("hard-links") ? { hardLinks: settings.hardLinks > 0 } : {}),
    ...(given.has("acls") ? { acls: settings.acls } : {}),
    ...(given.has("xattrs") ? { xattrs: settings.xattrs > 0 } : {}),
    ...(given.has("compress") ? { compress: settings.compress > 0 } : {}),
    ...(given.has("timeout") ? { timeout: settings.timeout * 1000 } : {}),
    ...(given.has("contimeout") ? { connectTimeout: settings.contimeout * 1000 } : {}),
    ...(given.has("bwlimit") ? { bandwidth: settings.bwlimit * 1024 } : {}),
    ...(settings.partialDir === null ? {} : { partialDir: toText(settings.partialDir) }),
  };
}
