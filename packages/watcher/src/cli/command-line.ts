/**
 * The command line: a sub-command, long options, and sersync's letters, which may be joined (`-rd`, `-n5`, `-n 5`).
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import { nearestName } from "../config/nearest.js";
import { parseTime } from "../config/units.js";

/** What can be asked for. */
export const COMMANDS = [
  "run",
  "check",
  "convert",
  "doctor",
  "status",
  "flush",
  "verify",
  "retry",
  "resume",
  "release",
  "full-sync",
  "reload",
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** The words, understood. `null`: not given. */
export interface CommandLine {
  readonly command: CommandName;
  readonly operands: readonly string[];
  readonly config: string | null;
  readonly fullSync: boolean;
  readonly daemon: boolean;
  readonly workers: number | null;
  /** The plugin to run without a mirror. */
  readonly hooksOnly: string | null;
  readonly help: boolean;
  readonly version: boolean;
  readonly stateDir: string | null;
  readonly logLevel: string | null;
  readonly webFromHost: boolean;
  readonly json: boolean;
  readonly repair: boolean;
  readonly offline: boolean;
  readonly root: string | null;
  readonly target: string | null;
  /** Milliseconds. */
  readonly timeout: number | null;
  readonly maxLag: number | null;
}

type Draft = { -readonly [K in keyof CommandLine]: CommandLine[K] } & { operands: string[] };

interface Option {
  readonly letter?: string;
  /** Only these commands have it; all when not given. */
  readonly only?: readonly CommandName[];
  readonly apply: (draft: Draft, value: string) => void;
  readonly takesValue?: boolean;
}

const SCOPED: readonly CommandName[] = ["flush", "verify", "retry", "release", "full-sync"];
const RUN: readonly CommandName[] = ["run", "convert"];

const OPTIONS: Readonly<Record<string, Option>> = {
  config: {
    letter: "o",
    takesValue: true,
    apply: (draft, value) => (draft.config = value),
  },
  "full-sync": { letter: "r", only: RUN, apply: (draft) => (draft.fullSync = true) },
  daemon: { letter: "d", only: RUN, apply: (draft) => (draft.daemon = true) },
  workers: {
    letter: "n",
    only: RUN,
    takesValue: true,
    apply: (draft, value) => (draft.workers = workerCount(value)),
  },
  "hooks-only": {
    letter: "m",
    only: ["run"],
    takesValue: true,
    apply: (draft, value) => (draft.hooksOnly = value),
  },
  help: { letter: "h", apply: (draft) => (draft.help = true) },
  version: { apply: (draft) => (draft.version = true) },
  "state-dir": { takesValue: true, apply: (draft, value) => (draft.stateDir = value) },
  "log-level": {
    takesValue: true,
    only: ["run"],
    apply: (draft, value) => (draft.logLevel = value),
  },
  "web-from-host": { only: ["run", "check"], apply: (draft) => (draft.webFromHost = true) },
  json: {
    only: ["status", "flush", "verify", "reload", "check"],
    apply: (draft) => (draft.json = true),
  },
  repair: { only: ["verify"], apply: (draft) => (draft.repair = true) },
  offline: { only: ["check"], apply: (draft) => (draft.offline = true) },
  root: { only: SCOPED, takesValue: true, apply: (draft, value) => (draft.root = value) },
  target: {
    only: SCOPED,
    takesValue: true,
    apply: (draft, value) => (draft.target = value),
  },
  timeout: {
    only: ["flush"],
    takesValue: true,
    apply: (draft, value) => (draft.timeout = time("timeout", value)),
  },
  "max-lag": {
    only: ["status"],
    takesValue: true,
    apply: (draft, value) => (draft.maxLag = time("max-lag", value)),
  },
};

/** How many operands a command takes. */
const OPERANDS: Readonly<Record<CommandName, readonly [number, number]>> = {
  run: [0, 0],
  check: [0, 1],
  convert: [1, 100],
  doctor: [0, 1],
  status: [0, 0],
  flush: [0, 1],
  verify: [0, 1],
  retry: [0, 1],
  resume: [1, 1],
  release: [0, 1],
  "full-sync": [0, 1],
  reload: [0, 0],
};

/** Understands the words after the program's name. @throws UsageError */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const draft: Draft = {
    ...{
      command: "run",
      operands: [],
      config: null,
      fullSync: false,
      daemon: false,
      workers: null,
    },
    ...{
      hooksOnly: null,
      help: false,
      version: false,
      stateDir: null,
      logLevel: null,
      webFromHost: false,
    },
    ...{
      json: false,
      repair: false,
      offline: false,
      root: null,
      target: null,
      timeout: null,
      maxLag: null,
    },
  };
  const given = new WordReader(words).readInto(draft);
  if (draft.help || draft.version) return draft;
  takeCommand(draft);
  for (const name of given) {
    const { only } = OPTIONS[name]!;
    if (only !== undefined && !only.includes(draft.command)) {
      throw new UsageError(`--${name} means nothing to ${draft.command}`);
    }
  }
  checkOperands(draft);
  return draft;
}

/** The first operand is the command, unless it is none. */
function takeCommand(draft: Draft): void {
  const word = draft.operands[0];
  if (word === undefined) return;
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) {
    const near = nearestName(word, COMMANDS);
    throw new UsageError(
      `unknown command ${JSON.stringify(word)}${near === null ? "" : `; did you mean ${near}?`}`,
    );
  }
  draft.command = command;
  draft.operands.shift();
}

function checkOperands({ command, operands }: Draft): void {
  const [least, most] = OPERANDS[command];
  if (operands.length < least)
    throw new UsageError(`${command} needs ${command === "resume" ? "a root" : "a file"}`);
  if (operands.length > most)
    throw new UsageError(`${command}: one word too many: ${JSON.stringify(operands[most])}`);
}

/** Goes through the words. */
class WordReader {
  readonly #words: readonly string[];
  readonly #given: string[] = [];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  /** Returns the names of the options that were given. */
  readInto(draft: Draft): readonly string[] {
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++]!;
      if (word === "--") {
        draft.operands.push(...this.#words.slice(this.#at));
        break;
      }
      if (word.startsWith("--")) this.#long(word, draft);
      else if (word.startsWith("-") && word !== "-") this.#letters(word, draft);
      else draft.operands.push(word);
    }
    return this.#given;
  }

  #long(word: string, draft: Draft): void {
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    if (!Object.hasOwn(OPTIONS, name)) {
      const near = nearestName(name, Object.keys(OPTIONS));
      throw new UsageError(
        `unknown option --${name}${near === null ? "" : `; did you mean --${near}?`}`,
      );
    }
    const { takesValue } = OPTIONS[name]!;
    if (!takesValue && equals >= 0) throw new UsageError(`--${name} takes no value`);
    this.#apply(
      name,
      takesValue ? (equals < 0 ? this.#next(`--${name}`) : word.slice(equals + 1)) : "",
      draft,
    );
  }

  #letters(word: string, draft: Draft): void {
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!;
      const found = Object.entries(OPTIONS).find(([, option]) => option.letter === letter);
      if (found === undefined) throw new UsageError(`unknown option -${letter}`);
      const [name, { takesValue }] = found;
      const rest = word.slice(at + 1);
      this.#apply(name, takesValue ? rest || this.#next(`-${letter}`) : "", draft);
      if (takesValue) return;
    }
  }

  #next(option: string): string {
    const value = this.#words[this.#at++];
    if (value === undefined) throw new UsageError(`${option} needs a value`);
    return value;
  }

  #apply(name: string, value: string, draft: Draft): void {
    if (OPTIONS[name]!.takesValue && value === "") throw new UsageError(`--${name} needs a value`);
    OPTIONS[name]!.apply(draft, value);
    this.#given.push(name);
  }
}

const DEFAULT_WORKERS = 10;

/** As sersync: 0 is the default. Below, it started none, and mirrored nothing. */
function workerCount(text: string): number {
  const count = /^-?\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count) || count > 10_000)
    throw new UsageError(`--workers: expected a number, got ${JSON.stringify(text)}`);
  return count === 0 ? DEFAULT_WORKERS : Math.max(1, count);
}

function time(name: string, text: string): number {
  const milliseconds = /^\d+$/.test(text) ? parseTime(`${text}s`) : parseTime(text);
  if (milliseconds === null)
    throw new UsageError(`--${name}: expected a time like 30s, got ${JSON.stringify(text)}`);
  return milliseconds;
}
