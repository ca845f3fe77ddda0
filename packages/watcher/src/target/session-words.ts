/**
 * What the sessions with a target are told, as words of rsync's command line (spec 6, 3.4).
 * @module
 */
import { parseArguments } from "@tsrsync/protocol/arguments";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { TargetSettings } from "../config/settings.js";
import type { Capabilities } from "./types.js";

/** How the regular files of a session are written, and what decides that they are sent. */
export type WritingKind = "usual" | "forced" | "inplace" | "append";

/** What the words of a session depend on besides the settings. */
export interface SessionNeeds {
  readonly kind: WritingKind;
  readonly capabilities: Pick<Capabilities, "nanoseconds" | "hardLinks">;
  readonly atomic: boolean;
  readonly wholeFiles: boolean;
  readonly compress: boolean;
  /** For the directory that history is kept in. */
  readonly now: Date;
}

/** What is mirrored: the same for every session with a target. */
export function attributeWords({ rsync, timeout, connect }: TargetSettings): string[] {
  const words = [...rsync.options];
  if (rsync.acls) words.push("--acls");
  if (rsync.xattrs) words.push("--xattrs");
  if (rsync.chmod !== null) words.push(`--chmod=${rsync.chmod}`);
  if (rsync.chown !== null) words.push(`--chown=${rsync.chown}`);
  if (rsync.owner !== "names") words.push("--numeric-ids");
  words.push(`--timeout=${seconds(timeout)}`);
  if (!connect.nodelay) words.push(delayingSockets(rsync.options));
  return words;
}

/** Sockets that wait for more before they send a little. The last list of socket options is the one that counts. */
function delayingSockets(options: readonly string[]): string {
  const { sockopts } = parseArguments(options.map(byteStringFromText)).settings;
  return `--sockopts=${sockopts === null ? "" : `${sockopts},`}TCP_NODELAY=0`;
}

/** The same for sessions that write or compare: a target may refuse it, which is told once. */
export function hardLinkWords(
  { rsync }: TargetSettings,
  capabilities: Pick<Capabilities, "hardLinks">,
): string[] {
  return rsync.hardLinks && capabilities.hardLinks ? ["--hard-links"] : [];
}

/** What a session does with the files that it sends. */
export function writingWords(settings: TargetSettings, needs: SessionNeeds): string[] {
  const { rsync, history } = settings;
  const words = hardLinkWords(settings, needs.capabilities);
  if (needs.kind === "inplace") words.push("--inplace");
  else if (needs.kind === "append") words.push("--append");
  else {
    if (rsync.partialDir !== null) words.push(`--partial-dir=${rsync.partialDir}`);
    if (needs.atomic) words.push("--delay-updates");
  }
  if (history.dir !== null) {
    words.push("--backup", `--backup-dir=${history.dir}/${dayOf(needs.now)}`);
  }
  if (needs.wholeFiles && needs.kind !== "append") words.push("--whole-file");
  words.push(...comparisonWords(settings, needs), ...compressionWords(needs.compress));
  return words;
}

/**
 * What decides that a file is sent. Nanoseconds count for directories, too: a new name in one gives it a new time, which is set
 * back only when it differs from the one told.
 */
function comparisonWords(
  { rsync }: TargetSettings,
  { kind, capabilities }: SessionNeeds,
): string[] {
  const isChosen = rsync.options.some((word) => /^(--modify-window|-@)/.test(word));
  const words = kind === "forced" ? ["--ignore-times"] : [];
  if (capabilities.nanoseconds && !isChosen) words.push("--modify-window=-1");
  return words;
}

export function compressionWords(compress: boolean): string[] {
  return compress ? ["--compress"] : ["--no-compress"];
}

/** Whole seconds, for options that know no less; 0 stays "never". */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/** A local date, as a name that sorts. */
export function dayOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
