/**
 * The user's own abbreviations, from `/etc/popt` and `~/.popt`:
 *
 *     rsync alias -Z --no-p --chmod=ugo=rwX
 *     rsync alias --mirror -a --delete
 *
 * Spec: docs/protocol/4-command.md, 2.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** What stands for an option: the words by `-X` or `--name`. */
export type Aliases = ReadonlyMap<ByteString, readonly ByteString[]>;

const PROTECTED = new Set(["--daemon", "--server"]);

/** Reads such files; later lines win. */
export function parseAliases(...texts: readonly ByteString[]): Aliases {
  const aliases = new Map<ByteString, readonly ByteString[]>();
  for (const line of texts.flatMap((text) => text.split("\n"))) {
    const [program, keyword, option, ...words] = splitLine(line);
    if (program !== "rsync" || keyword !== "alias" || option === undefined) continue;
    if (/^(?:-[^-]|--.+)$/s.test(option) && !PROTECTED.has(option)) aliases.set(option, words);
  }
  return aliases;
}

/** Splits at blanks; quotes group, and a backslash takes the next character as it is. */
function splitLine(line: ByteString): ByteString[] {
  if (/^\s*#/.test(line)) return [];
  const words = line.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\\(.)/g,
      (_, double, single, escaped) => escaped ?? String(double ?? single).replace(/\\(.)/g, "$1"),
    ),
  );
}

interface QueuedWord {
  readonly text: ByteString;
  /** The aliases that this word came out of: they mean themselves in it. */
  readonly from: ReadonlySet<ByteString>;
}

/** The words still to be parsed. */
export class WordQueue {
  readonly #aliases: Aliases;
  /** The next word is the last one. */
  readonly #words: QueuedWord[];
  #current: QueuedWord = { text: "", from: new Set() };

  constructor(words: readonly ByteString[], aliases: Aliases) {
    this.#aliases = aliases;
    this.#words = words.map((text) => ({ text, from: new Set<ByteString>() })).reverse();
  }

  next(): ByteString | undefined {
    const word = this.#words.pop();
    if (word) this.#current = word;
    return word?.text;
  }

  /** Takes all words that are left. */
  rest(): ByteString[] {
    return this.#words
      .splice(0)
      .reverse()
      .map(({ text }) => text);
  }

  /** Puts the word taken last back. */
  putBack(): void {
    this.#words.push(this.#current);
  }

  /**
   * Puts the words of an alias in front.
   * @param option what may be one: `-X` or `--name`, out of the word taken last.
   * @param rest what follows in the same bundle, with its dash; or empty.
   * @returns whether it was an alias.
   */
  expand(option: ByteString, rest: ByteString): boolean {
    const { from } = this.#current;
    const words = from.has(option) ? undefined : this.#aliases.get(option);
    if (!words) return false;
    if (rest !== "") this.#words.push({ text: rest, from });
    const inner = new Set(from).add(option);
    for (const text of words.toReversed()) this.#words.push({ text, from: inner });
    return true;
  }
}
