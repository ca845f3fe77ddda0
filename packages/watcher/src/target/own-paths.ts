/**
 * What lies in a target because we mirror to it: old versions of files, and parts of files. None of it is the source's.
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { TargetSettings } from "../config/settings.js";

export class OwnPaths {
  /** Relative to the target; `null` when there is none, or elsewhere. */
  readonly #history: ByteString | null;
  readonly #partial: ByteString | null;

  /** @param directory of the target, as paths of its other end begin */
  constructor({ history, rsync }: TargetSettings, directory: ByteString) {
    this.#history = history.dir === null ? null : below(byteStringFromText(history.dir), directory);
    const { partialDir } = rsync;
    this.#partial =
      partialDir === null || partialDir.includes("/") ? null : byteStringFromText(partialDir);
  }

  has(path: ByteString): boolean {
    const history = this.#history;
    if (history !== null && (path === history || path.startsWith(`${history}/`))) return true;
    const partial = this.#partial;
    return partial !== null && `/${path}/`.includes(`/${partial}/`);
  }
}

/** A path of the other end, relative to the target; `null` when it does not lie there. */
function below(path: ByteString, directory: ByteString): ByteString | null {
  const plain = path.replace(/\/+$/, "");
  if (!plain.startsWith("/")) return plain === "" ? null : plain;
  return plain.startsWith(`${directory}/`) ? plain.slice(directory.length + 1) : null;
}
