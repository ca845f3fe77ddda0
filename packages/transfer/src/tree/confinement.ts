/**
 * `--confine-root`: the directory in which the paths that options and rules name must end (spec 4-command, 16).
 * @module
 */
import { readlinkSync, realpathSync } from "node:fs";
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import { treeError } from "./system-error.js";
import { pathBytes } from "./trusted-file.js";

export class Confinement {
  readonly #root: ByteString;

  /** @param root an absolute path; nothing lies in one that is not there */
  constructor(root: ByteString) {
    this.#root = realPath(root) ?? root;
  }

  /**
   * Checks where what is open really lies: no name on the way to it matters any more.
   * @throws TreeError ELOOP when that is outside
   */
  admitOpen(descriptor: number, path: ByteString): void {
    this.#admit(decodeByteString(readlinkSync(`/proc/self/fd/${descriptor}`, "buffer")), path);
  }

  /** The same by name, where the system can not tell what is open. @throws as `admitOpen` */
  admitPath(path: ByteString): void {
    this.#admit(realPath(path), path);
  }

  #admit(real: ByteString | null, path: ByteString): void {
    const root = this.#root;
    const isInside = root === "/" || real === root || real?.startsWith(`${root}/`);
    if (!isInside) throw treeError("ELOOP", "open", path);
  }
}

/** Where a path leads to; `null` when that is nowhere. */
function realPath(path: ByteString): ByteString | null {
  try {
    return decodeByteString(realpathSync.native(pathBytes(path), "buffer"));
  } catch {
    return null;
  }
}

/** The confinement of an option's value; `null` where there is none. */
export function confinementOf(root: ByteString | null): Confinement | null {
  return root === null ? null : new Confinement(root);
}
