/**
 * The way that a link leads, name by name.
 * @module
 */
import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { ByteString } from "@tsrsync/protocol/wire";
import { nodePath } from "../links/directory-links.js";

/** A name on the way. When it comes, goes, or becomes another one, the link leads elsewhere. */
export interface ChainStep {
  /** Absolute, without links. */
  readonly directory: ByteString;
  readonly name: ByteString;
}

/** As the kernel has it. */
const MAX_LINKS = 40;

/**
 * The names on the way of the link at the absolute path `link`, without its own. Each is given before it is looked up, so that who
 * watches its directory then misses nothing. The way ends where a name is missing.
 */
export function* linkChain(link: ByteString): Generator<ChainStep> {
  const start = attempt(() => realpathSync.native(nodePath(dirname(link)), "latin1"));
  const target = attempt(() => readlinkSync(nodePath(link), "latin1"));
  if (start === null || target === null) return;
  let at: ByteString = target.startsWith("/") ? "/" : start;
  const names = target.split("/").reverse();
  for (let links = 0; names.length > 0; ) {
    const name = names.pop()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    yield { directory: at, name };
    const place = at === "/" ? `/${name}` : `${at}/${name}`;
    const stats = attempt(() => lstatSync(nodePath(place)));
    if (stats === null) return;
    if (!stats.isSymbolicLink()) {
      at = place;
      continue;
    }
    const next = attempt(() => readlinkSync(nodePath(place), "latin1"));
    if (next === null || ++links > MAX_LINKS) return;
    if (next.startsWith("/")) at = "/";
    names.push(...next.split("/").reverse());
  }
}

function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null; // it is gone, or nobody may look
  }
}
