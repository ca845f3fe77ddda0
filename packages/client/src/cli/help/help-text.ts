/**
 * The text of `--help`, made from the option table. Spec: docs/protocol/4-command.md, 14.1.
 * @module
 */
import type { VersionFacts } from "./version-facts.js";
import { versionText } from "./version-text.js";
import { fillLines } from "./wrap.js";

/** What help needs of an option of the table (docs/protocol/options.json has it all). */
export interface HelpOption {
  readonly name: string | null;
  readonly short: string | null;
  readonly aliases: readonly string[];
  readonly mode: string;
  readonly arg: string | null;
  readonly default: unknown;
  readonly negations: readonly string[];
  readonly inHelp: boolean;
  readonly summary: string;
}

const SUMMARY_COLUMN = 25;
const WIDTH = 79;

const SYNOPSIS = [
  "Usage: tsrsync [OPTION]... SRC [SRC]... DEST",
  "  or   tsrsync [OPTION]... SRC [SRC]... [USER@]HOST:DEST",
  "  or   tsrsync [OPTION]... SRC [SRC]... [USER@]HOST::DEST",
  "  or   tsrsync [OPTION]... SRC [SRC]... rsync://[USER@]HOST[:PORT]/DEST",
  "  or   tsrsync [OPTION]... [USER@]HOST:SRC [DEST]",
  "  or   tsrsync [OPTION]... [USER@]HOST::SRC [DEST]",
  "  or   tsrsync [OPTION]... rsync://[USER@]HOST[:PORT]/SRC [DEST]",
  "HOST:PATH goes through a remote shell; HOST::MODULE/PATH and rsync:// speak to a",
  "daemon, where the path starts with the name of a module.",
];

/** The text of `tsrsync --help`, with a final LF. */
export function helpText(table: readonly HelpOption[], facts: VersionFacts): string {
  return [
    versionText(facts),
    "tsrsync copies files between directories and machines, sending what differs.",
    "",
    ...SYNOPSIS,
    "",
    "Options",
    ...optionLines(table, "client"),
    "",
    'A lone -h shows this help. "tsrsync --daemon --help" lists the daemon\'s options.',
    `Manuals and news: ${facts.url}`,
    "",
  ].join("\n");
}

/** The text of `tsrsync --daemon --help`, with a final LF. */
export function daemonHelpText(table: readonly HelpOption[], facts: VersionFacts): string {
  return [
    versionText(facts),
    "Usage: tsrsync --daemon [OPTION]...",
    ...optionLines(table, "daemon"),
    "",
    "These options are for a daemon; without --daemon they are refused.",
    "",
  ].join("\n");
}

function optionLines(table: readonly HelpOption[], mode: "client" | "daemon"): string[] {
  return table.filter((option) => option.inHelp && option.mode === mode).flatMap(optionRows);
}

// An alias has a row of its own, because scripts look for names at the start of a line.
function optionRows(option: HelpOption): string[] {
  const rows = row(optionHead(option), option.summary);
  const same = `Same as --${option.name}.`;
  return [...rows, ...option.aliases.flatMap((alias) => row(`--${alias}`, same))];
}

function optionHead(option: HelpOption): string {
  const argument = option.arg === null ? "" : `=${option.arg}`;
  const names = option.name === null ? [] : [`--${option.name}${argument}`];
  if (option.short !== null) names.push(`-${option.short}`);
  // What is on by default is of use only in the negative.
  if (option.default === true && option.negations[0]) names.push(`--${option.negations[0]}`);
  return names.join(", ");
}

function row(head: string, summary: string): string[] {
  const lines = fillLines(summary.split(" "), " ", SUMMARY_COLUMN, WIDTH);
  if (head.length >= SUMMARY_COLUMN) return [head, ...lines];
  return [head.padEnd(SUMMARY_COLUMN) + (lines[0] ?? "").trimStart(), ...lines.slice(1)];
}
