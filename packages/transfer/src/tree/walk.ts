/**
 * Resolving a path one component at a time below a root, as openat2 with RESOLVE_BENEATH does it in the kernel: links
 * are followed (where wanted) as long as they stay inside; absolute ones, and those that climb above the root even if
 * they come back, are refused.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { treeError } from "./system-error.js";

const MAX_LINKS = 40;
const MAX_DEPTH = 1024;

/** What a name in a directory is: a directory, a link with its target, or something else. */
export type Found<D> =
  | { kind: "directory"; item: D }
  | { kind: "link"; target: ByteString }
  | { kind: "other"; item: D };

/** How a tree is walked; `D` is what it holds of an item while walking. */
export interface Walker<D> {
  readonly root: D;
  /** Looks at `name` in `directory` without following it. @throws a system error, as ENOENT. */
  look(directory: D, name: ByteString): Found<D>;
  /** Called for each item that the walk held and does not return, never for the root. */
  release(item: D): void;
}

/** What a walk is to lead to, and by which ways. */
export interface WalkOptions {
  followLinks: boolean;
  /** Whether something else than a directory will do at the end. */
  anyItem: boolean;
}

/**
 * Follows `path`, which is canonical, and returns what it leads to; the caller owns that unless it is the root itself.
 * @throws TreeError ELOOP at a link that may not be followed, ENOTDIR where a directory is needed.
 */
export function walk<D>(walker: Walker<D>, path: ByteString, options: WalkOptions): D {
  const held = [walker.root];
  try {
    return descend(walker, held, path, options);
  } finally {
    for (const item of held.slice(1)) walker.release(item);
  }
}

function descend<D>(walker: Walker<D>, held: D[], path: ByteString, options: WalkOptions): D {
  const pending = toPending(path);
  for (let links = 0; pending.length > 0; ) {
    const name = pending.pop()!;
    if (name === "..") {
      if (held.length === 1) throw treeError("ELOOP", "resolve", path);
      walker.release(held.pop()!);
      continue;
    }
    const found = walker.look(held.at(-1)!, name);
    if (found.kind === "link") {
      const refused = !options.followLinks || found.target.startsWith("/") || ++links > MAX_LINKS;
      if (refused) throw treeError("ELOOP", "resolve", path);
      pending.push(...toPending(found.target));
    } else {
      held.push(found.item);
      if (held.length > MAX_DEPTH) throw treeError("ELOOP", "resolve", path);
      const fits = found.kind === "directory" || (options.anyItem && pending.length === 0);
      if (!fits) throw treeError("ENOTDIR", "resolve", path);
    }
  }
  return held.length === 1 ? walker.root : held.pop()!;
}

/** The components of a path, the first one last. */
function toPending(path: ByteString): ByteString[] {
  return path
    .split("/")
    .filter((name) => name !== "" && name !== ".")
    .reverse();
}
