/**
 * Whole-file checksums for `--checksum`, at either side (spec 3-transfer, 4.6).
 * @module
 */
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { FileTree, ReadingOptions, TreeFile } from "../tree/file-tree.js";

const CHUNK_BYTES = 256 << 10;

/** What hashing one file after the other keeps: of small files there are many. */
interface Workplace {
  chunk: Uint8Array;
  turn: Turn;
}

const workplaces = new WeakMap<Session, Workplace>();

function workplaceOf(session: Session): Workplace {
  let workplace = workplaces.get(session);
  if (workplace === undefined) {
    workplace = { chunk: new Uint8Array(CHUNK_BYTES), turn: new Turn(TURN_MS) };
    workplaces.set(session, workplace);
  }
  return workplace;
}

/** The digest of a file as it stands in the file list; `null` when it can not be read. */
export async function hashFile(
  session: Session,
  tree: FileTree,
  path: ByteString,
  reading: ReadingOptions = { leavesAccessTime: session.options.openNoatime },
): Promise<ByteString | null> {
  const hash = session.listHash;
  if (hash === null) throw new TypeError("hashFile: expected a session with --checksum");
  let file: TreeFile;
  try {
    const opened = tree.open(path, reading);
    file = opened instanceof Promise ? await opened : opened;
  } catch {
    return null; // the file list says so by an all-zero digest, and the transfer will tell why
  }
  try {
    const { chunk, turn } = workplaceOf(session);
    hash.reset();
    for (;;) {
      const answer = file.read(chunk);
      const count = answer instanceof Promise ? await answer : answer;
      hash.update(chunk.subarray(0, count));
      if (turn.isOver) await turn.pass();
      // A short read is the end of a regular file.
      if (count < chunk.length) return decodeByteString(hash.digest());
    }
  } catch {
    return null;
  } finally {
    const closed = file.close();
    if (closed instanceof Promise) await closed;
  }
}
