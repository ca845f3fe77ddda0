/**
 * What the table says about one option.
 * Spec: docs/protocol/4-command.md, 1.
 * @module
 */

/** The three option sets: of a client, what only the remote end knows besides, and of `--daemon`. */
export type OptionMode = "client" | "server" | "daemon";

/** What kind of argument an option takes. */
export type ValueKind =
  | "none"
  | "int"
  | "size"
  | "string"
  | "path"
  | "enum"
  | "list"
  | "rule"
  | "pattern"
  | "format"
  | "chmod"
  | "map"
  | "user"
  | "host"
  | "command"
  | "time"
  | "minutes";

/** A literal to store, or one of the effects that begin with `$`, `+` or `|`. */
export type SettingEffect = string | number | boolean | null;

/** What an option puts on the server's command line. */
export interface WireEntry {
  readonly seq: number;
  readonly role: "both" | "push" | "pull";
  /** Letters for the bundle, or words of their own. */
  readonly letters?: string;
  readonly words?: readonly string[];
  /** The condition, and how often `letters` are repeated: expressions over the settings. */
  readonly when: string;
  readonly times?: string;
  /** The setting with the list that `{item}` runs through. */
  readonly forEach?: string;
  readonly quote?: "option" | "remote-option";
}

/** A situation that ends (or, with `exit` 0, does not end) the run, and what is printed then. */
export interface OptionProblem {
  readonly when?: string;
  readonly with?: string;
  readonly message: string;
  readonly exit: number;
}

/** One option. */
export interface OptionSpec {
  readonly name: string | null;
  readonly aliases: readonly string[];
  readonly short: string | null;
  readonly mode: OptionMode;
  readonly category: string;
  readonly value: ValueKind;
  readonly arg: string | null;
  readonly default: string | number | boolean | null;
  readonly repeat: string;
  readonly sets: Readonly<Record<string, SettingEffect>>;
  readonly negations: readonly string[];
  readonly negationSets?: Readonly<Record<string, SettingEffect>>;
  readonly implies: readonly string[];
  readonly conflicts: readonly OptionProblem[];
  readonly valueErrors: readonly OptionProblem[];
  readonly protocol: number | null;
  readonly wire: readonly WireEntry[];
  readonly summary: string;
  readonly detail?: string;
  readonly inHelp: boolean;
}
