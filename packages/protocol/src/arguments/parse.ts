/**
 * Parsing a command line, by the rules of the popt library.
 * Spec: docs/protocol/4-command.md, 2.
 * @module
 */
import { UnsupportedError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { type Aliases, WordQueue } from "./alias.js";
import { SettingsBuilder } from "./effects.js";
import { OptionError } from "./option-error.js";
import { DAEMON_OPTIONS, type FoundOption, optionIndex, reportedName } from "./option-index.js";
import type { OptionMode } from "./option-spec.js";
import { type Settings, startSettings } from "./settings.js";

/** How to parse. */
export interface ParseOptions {
  /** `client` turns into another mode by itself when it meets `--server` or a daemon's option. */
  readonly mode?: OptionMode;
  /** Whether `POSIXLY_CORRECT` (or `POSIX_ME_HARDER`) is in the environment: options end at the first path. */
  readonly posixlyCorrect?: boolean;
  /**
   * Whether the words are those of a server: a lone `.` ends the options (and is not among the paths), and options that
   * would make a daemon of it are refused.
   */
  readonly fromClient?: boolean;
  /** The user's abbreviations (`parseAliases`); only a client has any. */
  readonly aliases?: Aliases;
}

/** A command line, parsed. */
export interface ParsedArguments {
  readonly mode: OptionMode;
  readonly settings: Settings;
  readonly paths: readonly ByteString[];
  /** The options given, in order: long names, or the letter of one that has none; `no-NAME` for a negation. */
  readonly givenOptions: readonly string[];
  /** By which other name an option of `givenOptions` was given first, if it was. */
  readonly givenAliases: ReadonlyMap<string, string>;
  /** How many words there were: `rsync -h` alone means help. */
  readonly wordCount: number;
}

/**
 * Parses `words`, the command line without the program.
 * @throws OptionError (UnsupportedError for a daemon's options `fromClient`) in the words of rsync, for what it refuses
 * while parsing.
 */
export function parseArguments(
  words: readonly ByteString[],
  options: ParseOptions = {},
): ParsedArguments {
  for (let mode = options.mode ?? "client"; ; ) {
    const parser = new Parser(words, mode, options);
    const nextMode = parser.run();
    if (nextMode === null) return parser.result();
    mode = nextMode;
  }
}

class Parser {
  readonly #words: WordQueue;
  #endedByDashes = false;
  readonly #wordCount: number;
  readonly #mode: OptionMode;
  readonly #options: ParseOptions;
  readonly #builder: SettingsBuilder;
  readonly #paths: ByteString[] = [];
  readonly #given: string[] = [];
  readonly #aliases = new Map<string, string>();

  constructor(words: readonly ByteString[], mode: OptionMode, options: ParseOptions) {
    this.#words = new WordQueue(
      words,
      mode === "client" ? (options.aliases ?? new Map()) : new Map(),
    );
    this.#wordCount = words.length;
    this.#mode = mode;
    this.#options = options;
    this.#builder = new SettingsBuilder({ ...startSettings(), server: mode === "server" });
  }

  result(): ParsedArguments {
    return {
      mode: this.#mode,
      settings: this.#builder.settings,
      paths: this.#paths,
      givenOptions: this.#given,
      givenAliases: this.#aliases,
      wordCount: this.#wordCount,
    };
  }

  /** Returns the mode to start anew in, or null when all is parsed. */
  run(): OptionMode | null {
    for (let word = this.#words.next(); word !== undefined; word = this.#words.next()) {
      const restart = this.#restartMode(word);
      if (restart) return restart;
      if (this.#endsOptions(word)) break;
      if (word.startsWith("--")) this.#long(word);
      else if (word.startsWith("-") && word !== "-") this.#bundle(word);
      else this.#paths.push(word);
    }
    const rest = this.#words.rest();
    // A wrapper on the server's side may have put `--` before the lone dot.
    if (this.#endedByDashes && this.#options.fromClient && rest[0] === ".") rest.shift();
    this.#paths.push(...rest);
    if (this.#mode === "daemon" && !this.#builder.settings.daemon) {
      throw new OptionError(`Daemon option(s) used without --daemon.\n${DAEMON_HINT}`);
    }
    return null;
  }

  #restartMode(word: ByteString): OptionMode | null {
    if (this.#mode === "daemon" || !word.startsWith("--")) return null;
    const name = word.slice(2).split("=", 1)[0]!;
    if (DAEMON_OPTIONS.has(name)) {
      if (this.#options.fromClient) throw new UnsupportedError("Attempt to hack rsync thwarted!");
      return "daemon";
    }
    return name === "server" && this.#mode === "client" ? "server" : null;
  }

  #endsOptions(word: ByteString): boolean {
    if (word === "--") {
      this.#endedByDashes = true;
      return true;
    }
    if (this.#options.fromClient && word === ".") return true;
    if (!this.#options.posixlyCorrect || (word.startsWith("-") && word !== "-")) return false;
    this.#words.putBack();
    return true;
  }

  #long(word: ByteString): void {
    if (this.#words.expand(word, "")) return;
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const found = optionIndex(this.#mode).long.get(name);
    if (!found) throw this.#unknown(word);
    this.#noteAlias(found, name);
    if (!takesValue(found)) {
      if (equals >= 0) throw this.#error(`${word}: option does not take an argument`);
      this.#apply(found, null, word);
    } else if (equals >= 0) {
      this.#apply(found, word.slice(equals + 1), word);
    } else {
      this.#applyNextWord(found, word);
    }
  }

  #noteAlias(found: FoundOption, name: string): void {
    const reported = reportedName(found);
    if (!found.spec.aliases.includes(name) || this.#given.includes(reported)) return;
    this.#aliases.set(reported, name);
  }

  #bundle(word: ByteString): void {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      const rest = word.slice(at + 1);
      if (this.#words.expand(`-${letter}`, rest && `-${rest}`)) return;
      const found = optionIndex(this.#mode).short.get(letter);
      if (!found) throw this.#unknown(word);
      if (!takesValue(found)) {
        if (rest.startsWith("=")) throw this.#error(`${word}: option does not take an argument`);
        this.#apply(found, null, word);
      } else {
        if (rest !== "") this.#apply(found, rest.startsWith("=") ? rest.slice(1) : rest, word);
        else this.#applyNextWord(found, word);
        return;
      }
    }
  }

  #applyNextWord(found: FoundOption, word: ByteString): void {
    const value = this.#words.next();
    if (value === undefined) throw this.#error(`${word}: missing argument`);
    this.#apply(found, value, value);
  }

  #apply(found: FoundOption, argument: ByteString | null, blamed: string): void {
    this.#given.push(reportedName(found));
    this.#builder.apply(found, argument, blamed);
  }

  #unknown(word: ByteString): OptionError {
    if (this.#mode !== "daemon") return this.#error(`${word}: unknown option`);
    return this.#error(`${word}: unknown option (in daemon mode)\n${DAEMON_HINT}`);
  }

  #error(text: string): OptionError {
    return new OptionError(this.#mode === "server" ? `on remote machine: ${text}` : text);
  }
}

const DAEMON_HINT = '(Type "rsync --daemon --help" for assistance with daemon mode.)';

function takesValue({ spec, negated }: FoundOption): boolean {
  return spec.value !== "none" && !negated;
}
