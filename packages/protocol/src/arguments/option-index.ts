/**
 * Finding options by name or letter.
 * @module
 */
import type { OptionMode, OptionSpec } from "./option-spec.js";
import { OPTIONS } from "./options.js";

/** The options that turn a command line into a daemon's. */
export const DAEMON_OPTIONS: ReadonlySet<string> = new Set([
  "daemon",
  "config",
  "dparam",
  "detach",
  "no-detach",
]);

/** An option as it was found under a name or letter. */
export interface FoundOption {
  readonly spec: OptionSpec;
  readonly negated: boolean;
}

/** The names and letters of one option set. */
export interface OptionIndex {
  readonly long: ReadonlyMap<string, FoundOption>;
  readonly short: ReadonlyMap<string, FoundOption>;
}

/** The names and letters that `mode` knows. */
export function optionIndex(mode: OptionMode): OptionIndex {
  return INDEXES[mode];
}

function buildIndex(specs: readonly OptionSpec[]): OptionIndex {
  const long = new Map<string, FoundOption>();
  const short = new Map<string, FoundOption>();
  for (const spec of specs) {
    const found = { spec, negated: false };
    if (spec.name !== null) long.set(spec.name, found);
    for (const alias of spec.aliases) long.set(alias, found);
    if (spec.short !== null) short.set(spec.short, found);
    for (const negation of spec.negations) long.set(negation, { spec, negated: true });
  }
  return { long, short };
}

/** The name by which an option is reported: its long name, else its letter; `no-` in front when it was negated. */
export function reportedName({ spec, negated }: FoundOption): string {
  return (negated ? "no-" : "") + (spec.name ?? spec.short ?? "");
}

/** The option called `name` (as in `reportedName`), without regard to a `no-` in front. */
export function findOption(name: string, mode: OptionMode = "client"): OptionSpec | undefined {
  const { long, short } = optionIndex(mode);
  return (long.get(name) ?? short.get(name.replace(/^no-/, "")))?.spec;
}

const TRANSFER_OPTIONS = OPTIONS.filter(({ mode }) => mode !== "daemon");
const CLIENT = buildIndex(TRANSFER_OPTIONS);
// A client's --qsort arrives as --use-qsort, which rsync's own server does not know (4-command, 19).
const SERVER_LONG = new Map(CLIENT.long).set("use-qsort", CLIENT.long.get("qsort")!);

const INDEXES: Readonly<Record<OptionMode, OptionIndex>> = {
  client: CLIENT,
  server: { long: SERVER_LONG, short: CLIENT.short },
  daemon: buildIndex(OPTIONS.filter(({ mode }) => mode === "daemon")),
};
