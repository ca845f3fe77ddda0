/**
 * The words of rsync that say what a mirror keeps: read by the client's own parser, sorted into what stays an option, what a
 * key of the configuration says, and what a mirror decides by itself.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import {
  type FilterOption,
  type FoundOption,
  optionIndex,
  parseArguments,
  type Settings,
  splitShellCommand,
} from "@tsrsync/protocol/arguments";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";

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

/** Options that stay options. */
const KEPT: ReadonlySet<string> = new Set([
  ...[
    "links",
    "copy-links",
    "copy-unsafe-links",
    "safe-links",
    "munge-links",
    "perms",
    "executability",
  ],
  ...[
    "times",
    "omit-dir-times",
    "omit-link-times",
    "crtimes",
    "atimes",
    "open-noatime",
    "group",
    "owner",
  ],
  ...[
    "devices",
    "specials",
    "D",
    "update",
    "numeric-ids",
    "usermap",
    "groupmap",
    "chown",
    "chmod",
    "super",
  ],
  ...[
    "fake-super",
    "checksum",
    "size-only",
    "ignore-times",
    "whole-file",
    "sparse",
    "preallocate",
    "fuzzy",
  ],
  ...[
    "block-size",
    "checksum-choice",
    "compress-choice",
    "compress-level",
    "skip-compress",
    "max-size",
  ],
  ...[
    "min-size",
    "iconv",
    "protocol",
    "remote-option",
    "address",
    "ipv4",
    "ipv6",
    "fsync",
    "temp-dir",
  ],
  ...[
    "sockopts",
    "rsync-path",
    "rsh",
    "max-alloc",
    "keep-dirlinks",
    "copy-dirlinks",
    "old-args",
    "secluded-args",
  ],
]);

/** Options that a mirror decides by itself, or that only change what is printed. */
const DROPPED: ReadonlySet<string> = new Set([
  ...[
    "recursive",
    "relative",
    "dirs",
    "implied-dirs",
    "inc-recursive",
    "mkpath",
    "prune-empty-dirs",
    "force",
  ],
  ...[
    "verbose",
    "quiet",
    "progress",
    "stats",
    "human-readable",
    "itemize-changes",
    "P",
    "info",
    "motd",
  ],
  ...[
    "delete",
    "delete-before",
    "delete-during",
    "delete-delay",
    "delete-after",
    "ignore-errors",
    "partial",
  ],
  ...["out-format", "one-file-system", "blocking-io", "outbuf", "8-bit-output", "debug", "stderr"],
]);

const KEYS: ReadonlySet<string> = new Set([
  ...[
    "hard-links",
    "acls",
    "xattrs",
    "compress",
    "timeout",
    "contimeout",
    "bwlimit",
    "partial-dir",
    "archive",
  ],
]);

/** What to use instead of options that a mirror refuses. */
const INSTEAD: Readonly<Record<string, string>> = {
  exclude: "use filter.rules",
  include: "use filter.rules",
  filter: "use filter.rules",
  "exclude-from": "use filter.rules",
  "include-from": "use filter.rules",
  "cvs-exclude": "use filter.rules",
  "files-from": "a mirror knows which files changed",
  "password-file": "use auth.password",
  "backup-dir": "use history.dir",
  backup: "use history.dir",
  "delete-excluded": "use filter.rules with hide rules (H)",
  "max-delete": "use delete.maxFiles",
  inplace: "use rsync.inplace, with patterns",
  append: "use rsync.append, with patterns",
  "append-verify": "use rsync.append, with patterns",
  "delay-updates": "use batch.atomic",
  port: "put the port into the address",
  "remove-source-files": "it would take the files away from the root",
  "dry-run": "it would mirror nothing",
};

/** Options that are filter rules. */
const RULES: ReadonlySet<string> = new Set(["exclude", "include", "filter"]);

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

interface GivenOption {
  /** Long name, or the letter of an option that has none. */
  readonly name: string;
  readonly negated: boolean;
  readonly letter: string | null;
  readonly words: readonly ByteString[];
}

/** One entry per option. The words are known to be good. */
function splitOptions(words: readonly ByteString[]): GivenOption[] {
  const { long, short } = optionIndex("client");
  const result: GivenOption[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word.startsWith("--")) {
      const found = long.get(word.slice(2).split("=", 1)[0]!)!;
      const takesNext = takesValue(found) && !word.includes("=");
      result.push(given(found, null, takesNext ? [word, words[++at]!] : [word]));
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const found = short.get(word[i]!)!;
      if (takesValue(found)) {
        const rest = word.slice(i + 1);
        result.push(
          given(found, null, rest === "" ? [`-${word[i]}`, words[++at]!] : [`-${word.slice(i)}`]),
        );
        break;
      }
      result.push(given(found, word[i]!, [`-${word[i]}`]));
    }
  }
  return result;
}

function given(
  { spec, negated }: FoundOption,
  letter: string | null,
  words: readonly ByteString[],
): GivenOption {
  return { name: spec.name ?? spec.short ?? "", negated, letter, words };
}

function takesValue({ spec, negated }: FoundOption): boolean {
  return spec.value !== "none" && !negated;
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
