/**
 * The last steps of planning: links, what has to wait for them, and how failures lead back to marks.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Mark, Rename } from "../state/mark.js";
import type { Taken } from "../state/take-marks.js";
import { isWithin, parentOf } from "../state/tree-paths.js";
import type { Draft } from "./draft.js";
import { isRegular, type Looks } from "./looks.js";
import { type Link, planLinks } from "./plan-links.js";
import type { PlannedPush, PlanRequest } from "./plan-push.js";
import { sparedLinks } from "./spared-links.js";

/** Turns a draft into a push. */
export function finishPlan(request: PlanRequest, draft: Draft, looks: Looks): PlannedPush {
  const { taken } = request;
  keepNamesTogether(draft);
  const renames = usableRenames(request, draft, looks);
  const links = renames.length === 0 ? [] : usableLinks(request, draft, renames);
  const isDeferred = deferDeletes(draft, links, renames);
  for (const marks of draft.deletes.values()) draft.covered.push(...marks);
  draft.addParents((path) => looks.at(path));
  const { covered, reconciles } = divide(taken, draft);
  const didNotFit = covered.entries.length + reconciles.entries.length < taken.entries.length;
  return {
    plan: {
      items: [...draft.items.keys()],
      forced: draft.forced,
      touched: draft.touched,
      deletes: [...draft.deletes.keys()],
      trees: [],
      links,
    },
    covered,
    reconciles,
    rest: draft.rest,
    heldDeletes: [...draft.heldDeletes],
    unreadable: [...draft.unreadable],
    incompleteLinks: incompleteLinks(taken, draft),
    bytes: draft.bytes,
    isMore: isDeferred || didNotFit || draft.rest.length > 0 || !taken.isAll,
    failedMarks: (failed) => failedMarks(failed, draft, links),
  };
}

/** What is forced goes in a session of its own: all names of a file must be in the same one, or they become several files. */
function keepNamesTogether({ items, forced }: Draft): void {
  if (forced.size === 0) return;
  const inodes = new Set<bigint>();
  for (const path of forced) {
    const look = items.get(path);
    if (look !== undefined && look.links > 1) inodes.add(look.inode);
  }
  if (inodes.size === 0) return;
  for (const [path, look] of items) {
    if (inodes.has(look.inode) && isRegular(look)) forced.add(path);
  }
}

/** Marks of single paths come with all their names, as far as these are in the root. */
function incompleteLinks(taken: Taken, draft: Draft): ByteString[] {
  const linked = [...draft.items].filter(([, look]) => look.links > 1 && isRegular(look));
  if (linked.length === 0) return [];
  const names = new Map<bigint, number>();
  for (const [, { inode }] of linked) names.set(inode, (names.get(inode) ?? 0) + 1);
  const marked = new Set(taken.entries.map(({ path }) => path));
  return linked
    .filter(([path, { inode, links }]) => names.get(inode)! < links && !marked.has(path))
    .map(([path]) => path);
}

function usableRenames(request: PlanRequest, draft: Draft, looks: Looks): readonly Rename[] {
  const { renames, capabilities, filter, deletesWanted } = request;
  if (!capabilities.hardLinks && capabilities.renameOptions.length === 0) return [];
  const areDeleted = deletesWanted && capabilities.deletes;
  // A new name that is gone, too, needs no data; and the delete that takes both must not wait for it. An old name that stays
  // in the target must not be one file with the new one.
  return renames.filter(
    ({ from, to, isDirectory }) =>
      looks.at(from) === null &&
      looks.at(to) !== null &&
      !filter.isHidden(from, false) &&
      !filter.isProtected(from, isDirectory) &&
      (!areDeleted || isLeaving(from, draft)),
  );
}

/** Whether the target may still have an old name: what was deleted there would be made again, and nobody would delete it. */
function isLeaving(from: ByteString, { deletes, heldDeletes }: Draft): boolean {
  for (let top = from; top !== ""; top = parentOf(top)) {
    if (deletes.has(top) || heldDeletes.has(top)) return true;
  }
  return false;
}

function usableLinks(
  { capabilities }: PlanRequest,
  draft: Draft,
  renames: readonly Rename[],
): readonly Link[] {
  const links = planLinks(draft.items, renames);
  if (capabilities.hardLinks) return links;
  return sparedLinks(links, draft.items, capabilities.renameOptions);
}

/**
 * Old names must stay in the target as long as others are to be linked to them: in this push, or in one that brings what
 * did not fit.
 */
function deferDeletes(draft: Draft, links: readonly Link[], renames: readonly Rename[]): boolean {
  if (draft.deletes.size === 0) return false;
  const sent = new Set(draft.covered.map(({ path }) => path));
  const isPending = ({ to }: Rename) =>
    !sent.has(to) || draft.rest.some(({ path }) => isWithin(path, to));
  let isDeferred = false;
  for (const { from } of [...links, ...renames.filter(isPending)]) {
    for (let top = from; top !== ""; top = parentOf(top)) {
      if (draft.deletes.delete(top)) isDeferred = true;
    }
  }
  return isDeferred;
}

function divide(taken: Taken, draft: Draft): { covered: Taken; reconciles: Taken } {
  const tops = draft.reconciles.map(({ path }) => path);
  const isReconciled = (path: ByteString) => tops.some((top) => isWithin(path, top));
  const part = (entries: readonly Mark[], swallowed: readonly ByteString[]): Taken => ({
    ...taken,
    entries,
    swallowed,
    isAll: taken.isAll && entries.length === taken.entries.length,
  });
  return {
    covered: part(
      draft.covered,
      taken.swallowed.filter((path) => !isReconciled(path)),
    ),
    reconciles: part(draft.reconciles, taken.swallowed.filter(isReconciled)),
  };
}

function failedMarks(
  failed: Iterable<ByteString>,
  draft: Draft,
  links: readonly Link[],
): ReadonlySet<ByteString> {
  const paths = new Set(draft.parked);
  const newNames = new Map(links.map(({ from, to }) => [from, to]));
  for (const path of failed) {
    const marks = draft.deletes.get(path);
    const newName = newNames.get(path);
    if (newName === undefined) paths.add(path);
    else paths.add(newName);
    for (const { path: own } of marks ?? []) paths.add(own);
    for (const own of draft.standsFor.get(path) ?? []) paths.add(own);
  }
  return paths;
}
