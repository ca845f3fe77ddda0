/**
 * From the plan of a push to its sessions: mostly one, more where files are not all written alike (spec 6, 3.4).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { PathSelection } from "tsrsync";
import type { WritingKind } from "./session-words.js";
import type { Capabilities, PushPlan } from "./types.js";

/** One session that sends paths of a plan. */
export interface PlannedSession {
  readonly kind: WritingKind;
  readonly selection: PathSelection;
}

export interface SessionPlanning {
  readonly capabilities: Capabilities;
  /** Real hard links are mirrored as such. */
  readonly keepsHardLinks: boolean;
  /** How a file is written that is neither forced nor moved. */
  kindOf(path: ByteString): WritingKind;
}

/** The sessions of a plan, but for its trees and for deletes that the target does not take as such. */
export function planSessions(plan: PushPlan, planning: SessionPlanning): PlannedSession[] {
  const { capabilities, keepsHardLinks } = planning;
  const moved = capabilities.hardLinks ? plan.links : [];
  const missing = capabilities.missingArguments ? plan.deletes : [];
  const linked = new Set(moved.map(({ to }) => to));
  const byKind = new Map<WritingKind, ByteString[]>();
  for (const path of plan.items) {
    const kind = linked.has(path) ? "usual" : kindOf(path, plan, planning);
    const paths = byKind.get(kind);
    if (paths === undefined) byKind.set(kind, [path]);
    else paths.push(path);
  }
  const main = moved.length === 0 ? mainKind(plan, byKind) : "usual";
  if (missing.length > 0 && !byKind.has(main)) byKind.set(main, []);
  const sessions: PlannedSession[] = [];
  for (const kind of ORDER) {
    const paths = byKind.get(kind);
    if (paths === undefined) continue;
    const own = kind === main ? { missing, moved } : { missing: [], moved: [] };
    const present = withParents(paths, own.missing, own.moved);
    sessions.push({ kind, selection: { present, ...own, keepsHardLinks } });
  }
  return sessions;
}

/** New directories come before what is written into them. */
const ORDER: readonly WritingKind[] = ["usual", "forced", "inplace", "append"];

/**
 * The session that deletes. What is forced, as files are that are written aside and renamed, takes it over, with directories that
 * only get their times: these need no session of their own.
 */
function mainKind(
  { touched }: PushPlan,
  byKind: Map<WritingKind, readonly ByteString[]>,
): WritingKind {
  const forced = byKind.get("forced");
  const usual = byKind.get("usual") ?? [];
  if (forced === undefined || !usual.every((path) => touched?.has(path))) return "usual";
  byKind.delete("usual");
  byKind.set("forced", [...usual, ...forced]);
  return "forced";
}

/** Where whole seconds are compared, a second change within one would be missed: whatever was marked is sent. */
function kindOf(path: ByteString, plan: PushPlan, planning: SessionPlanning): WritingKind {
  const isForced = plan.forced.has(path) || !planning.capabilities.nanoseconds;
  const kind = planning.kindOf(path);
  return isForced && kind !== "inplace" ? "forced" : kind;
}

/**
 * Adds the directories whose names are written: the target gives them a new time thereby, and gets the one that they have
 * here when they are in the list.
 */
export function withParents(
  paths: readonly ByteString[],
  missing: readonly ByteString[],
  moved: PathSelection["moved"],
): ByteString[] {
  const all = new Set(paths);
  const gone = new Set(missing);
  const addParent = (path: ByteString) => {
    if (path === "") return;
    const parent = parentOf(path);
    if (!gone.has(parent)) all.add(parent);
  };
  for (const path of paths) addParent(path);
  for (const path of missing) addParent(path);
  for (const { to } of moved) addParent(to);
  return [...all];
}

/** The directory that a path lies in; the root is `""`. */
export function parentOf(path: ByteString): ByteString {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
