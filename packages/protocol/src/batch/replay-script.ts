/**
 * The shell script that is written with a batch file, and applies it. Spec: docs/protocol/3-transfer.md, 10.
 * @module
 */
import { findOption } from "../arguments/index.js";
import { UsageError } from "../errors.js";
import { formatFilterList, type Rule } from "../filter/index.js";
import type { ByteString } from "../wire/index.js";

const END_OF_RULES = "#E#";

/** What a script is made of. */
export interface ReplayScript {
  program: ByteString;
  /** The words of the command line, and those at its end that are paths (the destination is the last). */
  words: readonly ByteString[];
  paths: readonly ByteString[];
  /** The name of the batch file. */
  batchFile: ByteString;
  rules: readonly Rule[];
  protocol: number;
}

/** These options have done their work when a batch is replayed: their rules are in the script, their lists in the batch. */
const DROPPED: ReadonlySet<string> = new Set([
  "files-from",
  "filter",
  "include",
  "include-from",
  "exclude",
  "exclude-from",
]);
const WRITING: ReadonlySet<string> = new Set(["write-batch", "only-write-batch"]);

/** The text of the script, its last LF included. @throws UsageError for a rule that could end the list of rules early. */
export function replayScript(script: ReplayScript): ByteString {
  const { program, paths, rules, protocol } = script;
  const destination = paths.length > 1 ? paths.at(-1)! : "";
  const words = [quote(program)];
  if (rules.length > 0) words.push(protocol >= 29 ? "--filter='._-'" : "--exclude-from='-'");
  words.push(...replayWords(script), `\${1:-${quote(destination)}}`);
  if (rules.length === 0) return `${words.join(" ")}\n`;
  return `${words.join(" ")} <<'${END_OF_RULES}'\n${ruleLines(script)}${END_OF_RULES}\n`;
}

/** The command's own words but for those that name sources, destination and rules. */
function replayWords({ words, paths }: ReplayScript): ByteString[] {
  const kept: ByteString[] = [];
  const left = [...paths];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    // Paths are in the order of the command line, and may stand between options.
    if (left.length > 0 && word === left[0]) {
      left.shift();
      continue;
    }
    const { name, equals } = optionOf(word);
    const takesNext = name !== null && !equals && takesValue(name);
    if (name !== null && DROPPED.has(name)) {
      if (takesNext) i++;
    } else if (name !== null && WRITING.has(name)) {
      kept.push(takesNext ? `--read-batch ${quote(words[++i] ?? "")}` : readBatch(word));
    } else {
      kept.push(quoteWord(word));
      if (takesNext && i + 1 < words.length) kept.push(quoteWord(words[++i]!));
    }
  }
  return kept;
}

/** The option that a word is, in its long form or as the last letter of short ones. */
function optionOf(word: ByteString): { name: string | null; equals: boolean } {
  if (word.startsWith("--")) {
    const [name = ""] = word.slice(2).split("=", 1);
    return { name: longNameOf(name), equals: word.includes("=") };
  }
  if (word.length !== 2 || !word.startsWith("-")) return { name: null, equals: false };
  return { name: longNameOf(word.slice(1)), equals: false };
}

/** A negation takes no value, and nothing is to be done about it. */
function longNameOf(name: string): string | null {
  return name.startsWith("no-") ? null : (findOption(name)?.name ?? null);
}

function takesValue(name: string): boolean {
  return findOption(name)?.value !== "none";
}

function readBatch(word: ByteString): ByteString {
  return `--read-batch=${quote(word.slice(word.indexOf("=") + 1))}`;
}

/** `--name='value'`, or all of the word in quotes. */
function quoteWord(word: ByteString): ByteString {
  const [, name, value] = /^(--?[-\w]+=)(.*)$/s.exec(word) ?? [];
  return name === undefined ? quote(word) : name + quote(value!);
}

function quote(text: ByteString): ByteString {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function ruleLines({ rules, protocol }: ReplayScript): ByteString {
  const context = {
    protocol,
    clientIsSender: true,
    deletes: true,
    deleteExcluded: false,
    pruneEmptyDirs: true,
  };
  const texts = formatFilterList(rules, [], context);
  if (texts.some((text) => text.includes("\n"))) {
    throw new UsageError("a filter rule with a newline can not be written to a batch script");
  }
  return texts.map((text) => `${text}\n`).join("");
}
