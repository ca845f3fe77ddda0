/**
 * Tries out a target: login, module, writing, deleting, hard links, the clock. A file with a name that nothing else has is
 * pushed and deleted again; nothing else is touched.
 * @module
 */

import { randomBytes } from "node:crypto";
import { linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { TargetSettings } from "../config/settings.js";
import { type Target, TargetError } from "../target/target.js";
import type { Capabilities, PushPlan } from "../target/types.js";

/** What came of it. */
export interface TrialResult {
  readonly capabilities: Capabilities | null;
  /** How far the target's clock is ahead, or null when that was not found out. */
  readonly clockSkewSeconds: number | null;
  readonly errors: readonly string[];
  /** What a person should know although it works. */
  readonly notes: readonly string[];
}

type CreateTarget = (root: string, settings: TargetSettings) => Promise<Target>;

/** Clocks that are further apart confuse people who compare times. */
const MAX_SKEW_SECONDS = 5;

/** Tries a target with its own settings. Never rejects for what the target does. */
export async function tryTarget(
  root: string,
  settings: TargetSettings,
  createTarget: CreateTarget,
  signal: AbortSignal,
): Promise<TrialResult> {
  const found: { capabilities: Capabilities | null; skew: number | null } = {
    capabilities: null,
    skew: null,
  };
  const errors: string[] = [];
  try {
    const target = await createTarget(root, settings);
    try {
      found.capabilities = await target.probe({ signal });
    } finally {
      await target.close();
    }
    found.skew = await tryWriting(settings, found.capabilities, createTarget, signal, errors);
  } catch (error) {
    errors.push(...reasons(error));
  }
  return {
    capabilities: found.capabilities,
    clockSkewSeconds: found.skew,
    errors,
    notes: found.capabilities === null ? [] : notesOn(found.capabilities, found.skew, settings),
  };
}

function reasons(error: unknown): string[] {
  if (!(error instanceof TargetError)) return [(error as Error).message];
  return [`${WORDS[error.failureClass]}: ${error.message}`, ...error.problems.slice(0, 5)];
}

const WORDS: Readonly<Record<TargetError["failureClass"], string>> = {
  unreachable: "can not be reached",
  busy: "all connections are taken",
  refused: "refused",
  full: "no space left there",
  protocol: "the protocol broke",
};

/** Pushes a file without its time, so that the target's clock shows, and deletes it. */
async function tryWriting(
  settings: TargetSettings,
  capabilities: Capabilities,
  createTarget: CreateTarget,
  signal: AbortSignal,
  errors: string[],
): Promise<number | null> {
  const directory = mkdtempSync(join(tmpdir(), "tsrsync-check-"));
  const name = byteStringFromText(`.tsrsync-check-${randomBytes(8).toString("hex")}`);
  const second = `${name}-link`;
  const target = await createTarget(directory, trialSettings(settings));
  try {
    writeFileSync(join(directory, name), "written by tsrsync-watch check, may be deleted\n");
    const links = capabilities.hardLinks && settings.rsync.hardLinks;
    if (links) linkSync(join(directory, name), join(directory, second));
    const items = links ? [name, second] : [name];
    const sentAt = Date.now();
    const pushed = await target.push(plan({ items }), capabilities, { signal });
    errors.push(...[...pushed.failed.values()].map((reason) => `writing: ${reason}`));
    const skew = pushed.failed.size > 0 ? null : await clockSkew(target, name, sentAt, signal);
    rmSync(join(directory, name));
    if (links) rmSync(join(directory, second));
    if (settings.delete.mode !== "never" && capabilities.deletes) {
      const deleted = await target.push(plan({ deletes: items }), capabilities, { signal });
      errors.push(...[...deleted.failed.values()].map((reason) => `deleting: ${reason}`));
    }
    return skew;
  } finally {
    await target.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What it takes to see when the target wrote a file; nothing of it is left afterwards. */
function trialSettings(settings: TargetSettings): TargetSettings {
  const { rsync, history } = settings;
  return {
    ...settings,
    rsync: {
      ...rsync,
      options: ["-lp"],
      acls: false,
      xattrs: false,
      chmod: null,
      chown: null,
      inplace: [],
      append: [],
    },
    history: { ...history, dir: null },
    delete: { ...settings.delete, mode: "live" },
    filter: { ...settings.filter, rules: [], excludeRegex: [], tempFiles: "none", protect: [] },
  };
}

function plan(parts: Partial<PushPlan>): PushPlan {
  return { items: [], forced: new Set(), deletes: [], trees: [], links: [], ...parts };
}

async function clockSkew(
  target: Target,
  name: string,
  sentAt: number,
  signal: AbortSignal,
): Promise<number | null> {
  const entries = await target.list([""], { signal });
  const entry = entries.find(({ path }) => path === name);
  return entry === undefined ? null : entry.mtime - Math.floor(sentAt / 1000);
}

function notesOnLinks({ renameOptions }: Capabilities, isWanted: boolean): string[] {
  const how =
    renameOptions.length === 0
      ? "renamed files are sent again"
      : `of renamed files only large ones are spared, by ${renameOptions.join(", ")}`;
  const notes = [`it does not take hard links: ${how}`];
  if (isWanted) notes.push("each name of a file becomes a file of its own there");
  return notes;
}

function notesOn(
  capabilities: Capabilities,
  skew: number | null,
  { delete: deletion, rsync }: TargetSettings,
): string[] {
  const notes: string[] = [];
  if (!capabilities.deletes)
    notes.push("it refuses to delete: what goes at the source stays there");
  else if (!capabilities.missingArguments)
    notes.push("deletions go by filter lists: it does not take entries for missing names");
  if (deletion.mode === "never") notes.push("nothing is deleted there (delete.mode: never)");
  if (!capabilities.hardLinks) notes.push(...notesOnLinks(capabilities, rsync.hardLinks));
  if (!capabilities.nanoseconds)
    notes.push(
      "it keeps whole seconds: two changes of the same size within one are told apart by us alone",
    );
  if (skew !== null && Math.abs(skew) > MAX_SKEW_SECONDS) {
    notes.push(`its clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead" : "behind"}`);
  }
  return notes;
}
