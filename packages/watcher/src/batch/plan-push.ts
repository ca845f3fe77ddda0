/**
 * From marks to a push: what is under each path now decides what is done about it (spec 6, 3.2 to 3.5).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { PathFilter } from "../filter/path-filter.js";
import type { SnapshotEntry } from "../journal/snapshot.js";
import { type Mark, Reach, type Rename } from "../state/mark.js";
import type { Taken } from "../state/take-marks.js";
import type { Capabilities, PushPlan } from "../target/types.js";
import { Draft } from "./draft.js";
import { type Expansion, expandTree } from "./expand-tree.js";
import { finishPlan } from "./finish-plan.js";
import { isDirectory, Looks } from "./looks.js";
import { Pause } from "./pause.js";
import type { SourceTree } from "./source-tree.js";

/** What a plan is made of. */
export interface PlanRequest {
  readonly taken: Taken;
  readonly tree: SourceTree;
  readonly filter: PathFilter;
  /** See `TargetLedger.renames`. */
  readonly renames: readonly Rename[];
  readonly capabilities: Pick<Capabilities, "deletes" | "hardLinks" | "renameOptions">;
  /** False: nothing is deleted in this push; see {@link PlannedPush.heldDeletes}. */
  readonly deletesNow: boolean;
  /** False: deletes between full syncs are not wanted (`delete.mode`). Missing paths are settled. */
  readonly deletesWanted: boolean;
  /** Items above which trees are not entered any further. */
  readonly maxPaths: number;
  /** Sizes of files above which the rest waits for the next push. */
  readonly maxBytes: number;
  readonly oneFileSystem: boolean;
  /** Told what was found in trees, for the snapshot. */
  readonly saw: (entry: SnapshotEntry) => void;
}

/** A push, and which marks it settles. */
export interface PlannedPush {
  /** Its `trees` are empty: trees are expanded, or left to later pushes. */
  readonly plan: PushPlan;
  /** To be settled with this push, with {@link failedMarks} and {@link rest}. */
  readonly covered: Taken;
  /** Reconcile marks of directories, which a push cannot do: to be settled after the engine did them. */
  readonly reconciles: Taken;
  /** Parts of trees that did not fit; `TargetLedger.settle` wants them. */
  readonly rest: readonly Mark[];
  /** Missing paths that are not deleted because `deletesNow` is false. They get parked. */
  readonly heldDeletes: readonly ByteString[];
  /** Paths of the source that cannot be looked at. They get parked. */
  readonly unreadable: readonly ByteString[];
  /** Files with other names that this push has not, found in trees: only a push that has all names keeps them one file. */
  readonly incompleteLinks: readonly ByteString[];
  /** Bytes of the regular files. */
  readonly bytes: number;
  /** Another push has to follow: old names of moved files to delete, or what did not fit. */
  readonly isMore: boolean;
  /**
   * The paths to park when the paths `failed` of the plan did not arrive. Never quite empty when the source could not be
   * read, or when deletes were held back.
   */
  failedMarks(failed: Iterable<ByteString>): ReadonlySet<ByteString>;
}

/** The root is gone, or another directory took its place: nothing may be concluded from what is missing in it. */
export class RootGoneError extends Error {
  constructor() {
    super("the root is not the directory that it was");
    this.name = "RootGoneError";
  }
}

/**
 * Looks at what was taken.
 * @throws RootGoneError
 */
export async function planPush(request: PlanRequest): Promise<PlannedPush> {
  const { taken, tree, oneFileSystem } = request;
  const looks = new Looks(tree);
  const root = looks.at("");
  if (root === null || root === "unreadable" || !isDirectory(root)) throw new RootGoneError();
  const draft = new Draft();
  const how: Expansion = {
    ...request,
    looks,
    draft,
    pause: new Pause(),
    device: oneFileSystem ? root.device : null,
    walked: new Set(),
    isFull: () => draft.items.size >= request.maxPaths || draft.bytes >= request.maxBytes,
  };
  for (const mark of taken.entries) {
    // What was looked at is taken as a whole; an item more than the limit does no harm.
    if (draft.items.size > 0 && how.isFull()) break;
    const pause = how.pause.afterLook();
    if (pause !== undefined) await pause;
    const expansion = planMark(mark, request, how);
    if (expansion !== undefined) await expansion;
  }
  if (!tree.isIntact()) throw new RootGoneError();
  return finishPlan(request, draft, looks);
}

/** Returns the walk of a new tree, where there is one: nearly all marks are planned at once. */
function planMark(mark: Mark, request: PlanRequest, how: Expansion): Promise<void> | undefined {
  const { path, reach, force = false, touched = false } = mark;
  const { looks, draft } = how;
  const look = looks.at(path);
  if (look === null) {
    planMissing(mark, request, how);
    return undefined;
  }
  if (look === "unreadable") {
    draft.covered.push(mark);
    draft.addUnreadable(path);
    return undefined;
  }
  const isDir = isDirectory(look);
  if (request.filter.isHidden(path, isDir, look.mode)) {
    draft.covered.push(mark);
  } else if (isDir && reach === Reach.Reconcile) {
    draft.reconciles.push(mark);
  } else {
    draft.covered.push(mark);
    if (isDir && touched) draft.addTouched(path, look);
    else draft.addItem(path, look, force && !isDir);
    if (isDir && reach === Reach.Tree) return expandTree(path, force, how);
  }
  return undefined;
}

function planMissing(mark: Mark, request: PlanRequest, { looks, draft }: Expansion): void {
  const { filter, deletesWanted, deletesNow, capabilities } = request;
  const { path } = mark;
  const top = looks.highestMissing(path);
  const blocker = nearestOther(top, looks);
  if (blocker !== null) {
    // The way leads through a link or a file: sending that replaces what the target has, and a delete would follow it.
    const look = looks.at(blocker);
    if (look !== null && look !== "unreadable" && !filter.isHidden(blocker, false, look.mode)) {
      draft.addItem(blocker, look, false);
    }
    draft.addStandIn(blocker, mark);
  } else if (isKept(path, filter) || isKept(top, filter)) {
    draft.covered.push(mark);
  } else if (!deletesWanted || !capabilities.deletes) {
    draft.covered.push(mark);
  } else if (deletesNow) {
    draft.addDelete(top, mark);
  } else {
    draft.covered.push(mark);
    draft.parked.add(path);
    draft.heldDeletes.add(top);
  }
}

/** The item above a missing name when it is no directory. */
function nearestOther(top: ByteString, looks: Looks): ByteString | null {
  const slash = top.lastIndexOf("/");
  if (slash < 0) return null;
  const parent = top.slice(0, slash);
  const look = looks.at(parent);
  return look !== null && look !== "unreadable" && !isDirectory(look) ? parent : null;
}

/** Nobody knows any more what was under a missing name: it is left alone if a rule hides or protects either kind. */
function isKept(path: ByteString, filter: PathFilter): boolean {
  return [true, false].some(
    (isDir) => filter.isHidden(path, isDir) || filter.isProtected(path, isDir),
  );
}
