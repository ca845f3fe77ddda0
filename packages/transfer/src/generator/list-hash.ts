/**
 * Whole-file checksums for `--checksum`, at either side (spec 3-transfer, 4.6).
 * @module
 */
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { FileTree, ReadingOptions } from "../tree/file-tree.js";

const CHUNK_BYTES = 256 << 10;

/** The digest of a file as it stands in the file list; `null` when it can not be read. */
export async function hashFile(
  session: Session,
  tree: FileTree,
  path: ByteString,
  reading: ReadingOptions = { leavesAccessTime: session.options.openNoatime },
): Promise<ByteString | null> {
  const hash = session.listHash;
  if (hash === null) throw new TypeError("hashFile: expected a session with --checksum");
  let file: Awaited<ReturnType<FileTree["open"]>>;
  try {
    file = await tree.open(path, reading);
  } catch {
    return null; // the file list says so by an all-zero digest, and the transfer will tell why
  }
  try {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const turn = new Turn(TURN_MS);
    hash.reset();
    for (;;) {
      const count = await file.read(chunk);
      if (count === 0) return decodeByteString(hash.digest());
      hash.update(chunk.subarray(0, count));
      if (turn.isOver) await turn.pass();
    }
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
