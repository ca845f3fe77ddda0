/**
 * The list that `--files-from` names, opened where it is to be read (spec 2-file-list, 2.4).
 * @module
 */
import { createReadStream } from "node:fs";
import { UsageError } from "@tsrsync/protocol";
import { isRemoteList, type ResolvedSettings, type Transfer } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type NameList, reason } from "@tsrsync/transfer";
import { openOperatorFile } from "./operator-file.js";

const STDIN = 0;

/** The list as far as this side is concerned: its content, that it comes from the other side, or nothing. */
export function nameListOf(settings: ResolvedSettings, transfer: Transfer): NameList | null {
  const { filesFrom, from0: nulEnds, insecureLinks } = settings;
  if (filesFrom === null) return null;
  if (!isRemoteList(filesFrom)) return { chunks: openNameFile(filesFrom, insecureLinks), nulEnds };
  return transfer.direction === "push" ? { chunks: null, nulEnds } : null;
}

/** Opens a list at once, to be read bit by bit; `-` is standard input. @throws UsageError when it can not be opened. */
export function openNameFile(path: ByteString, insecureLinks: boolean): AsyncIterable<Uint8Array> {
  try {
    const fd = openOperatorFile(path, insecureLinks);
    return createReadStream("", { fd, autoClose: fd !== STDIN });
  } catch (cause) {
    const why = reason(cause).replace(/ \(\d+\)$/, "");
    throw new UsageError(`rsync: failed to open files-from file ${path}: ${why}`, { cause });
  }
}
