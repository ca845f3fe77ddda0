/**
 * Making a directory of a target equal to the source: the full sync, and what follows when events were lost (spec 6, 3.4, 4.3 and
 * 4.6). The tree is pushed first; then we ask the target what it has, and delete by ourselves what is too much, so that filters,
 * guards and protected names hold for full syncs as they do for every push.
 * @module
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { displayPath } from "../log/display-path.js";
import { type TargetEntry, TargetError } from "../target/target.js";
import type { Capabilities, PushOutcome, PushPlan } from "../target/types.js";
import type { TargetContext } from "./target-context.js";

/** Decides over deletions: `false` keeps them all. */
export type AskDelete = (extras: readonly ByteString[]) => boolean;

/** Pushes one plan. */
export type PushPlanned = (plan: PushPlan) => Promise<PushOutcome>;

/** Entries that are compared with the source between two turns of the loop. */
const SLICE = 1000;

const NO_PATHS: PushPlan = { items: [], forced: new Set(), deletes: [], trees: [], links: [] };

/**
 * Makes what a target has at `path` equal to the source.
 * @throws TargetError when it did not come to its end: the path stays dirty
 */
export async function reconcile(
  context: TargetContext,
  path: ByteString,
  capabilities: Capabilities,
  push: PushPlanned,
  askDelete: AskDelete,
  signal: AbortSignal,
): Promise<void> {
  const look = context.tree.lstat(path);
  if (look === "unreadable")
    throw new TargetError("protocol", 23, `cannot look at ${displayPath(path)}`);
  const isDirectory = look !== null && (look.mode & 0o170000) === 0o040000;
  if (!isDirectory) {
    if (look !== null) await push({ ...NO_PATHS, items: [path] });
    else if (mayDelete(context, capabilities) && askDelete([path])) {
      await push({ ...NO_PATHS, deletes: [path] });
    }
    return;
  }
  await push({ ...NO_PATHS, trees: [path] });
  const found = mayDelete(context, capabilities)
    ? await findExtras(context, await context.target.list(path, { signal }))
    : [];
  const extras = found.length > 0 && askDelete(found) ? found : [];
  // What was made or deleted changed the times of the directories that it is in.
  const changed = path === "" ? extras : [path, ...extras];
  if (changed.length > 0) await push({ ...NO_PATHS, items: parentsOf(changed), deletes: extras });
}

function mayDelete({ settings }: TargetContext, capabilities: Capabilities): boolean {
  return settings.delete.mode !== "never" && capabilities.deletes;
}

/** What a target has at first contact that the source has not. */
export async function foreignNames(
  context: TargetContext,
  signal: AbortSignal,
): Promise<readonly ByteString[]> {
  return findExtras(context, await context.target.list("", { signal }));
}

/** The highest names that the target has and the source has not, without those that are none of the mirror's business. */
async function findExtras(
  { tree, filter, fullSyncFilter }: TargetContext,
  entries: readonly TargetEntry[],
): Promise<ByteString[]> {
  const extras = new Set<ByteString>();
  // Directories in which something must stay, or that lie above it.
  const keeping = new Set<ByteString>();
  for (const [index, { path, mode }] of entries.entries()) {
    if (index % SLICE === SLICE - 1) await nextTurn();
    const isDirectory = (mode & 0o170000) === 0o040000;
    const isOurs =
      !filter.isHidden(path, isDirectory) &&
      !fullSyncFilter.isHidden(path, isDirectory) &&
      !filter.isProtected(path, isDirectory);
    if (!isOurs) addAncestors(path, keeping);
    else if (tree.lstat(path) === null) extras.add(path);
  }
  return [...extras].filter((path) => !keeping.has(path) && !hasAncestor(path, extras, keeping));
}

function addAncestors(path: ByteString, into: Set<ByteString>): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (into.has(parent)) return;
    into.add(parent);
  }
}

/** Whether a directory above goes already, and takes this with it. */
function hasAncestor(
  path: ByteString,
  extras: ReadonlySet<ByteString>,
  keeping: ReadonlySet<ByteString>,
): boolean {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (extras.has(parent) && !keeping.has(parent)) return true;
  }
  return false;
}

/** The directories whose times change when names in them go: those that exist get theirs again. */
function parentsOf(paths: readonly ByteString[]): ByteString[] {
  return [...new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf("/")))))];
}
