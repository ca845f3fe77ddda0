/**
 * Whole-file checksums for `--checksum`, at either side (spec 3-transfer, 4.6).
 * @module
 */
import type { HashStream } from "@tsrsync/protocol/checksum";
import { type ByteString, decodeByteString } from "@tsrsync/protocol/wire";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { Awaitable, FileTree, ReadingOptions, TreeFile } from "../tree/file-tree.js";

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

/**
 * The digest of a file as it stands in the file list; `null` when it can not be read. Its first `size` bytes count.
 * A promise is made only when something has to be awaited: small files of a synchronous tree are read at once.
 */
export function hashFile(
  session: Session,
  tree: FileTree,
  path: ByteString,
  size: number,
  reading?: ReadingOptions,
): Awaitable<ByteString | null> {
  const digest = hashAtOnce(session, tree, path, size, reading);
  return digest === undefined ? hashInTurns(session, tree, path, size, reading) : digest;
}

/** As {@link hashFile}, but `undefined` when the answer takes more than one step, or it is time to let others work. */
export function hashAtOnce(
  session: Session,
  tree: FileTree,
  path: ByteString,
  size: number,
  reading?: ReadingOptions,
): ByteString | null | undefined {
  const { chunk, turn } = workplaceOf(session);
  if (!tree.synchronous || size > chunk.length || turn.isOver) return undefined;
  const hash = listHashOf(session);
  let file: TreeFile;
  try {
    file = tree.open(path, reading ?? readingOf(session)) as TreeFile;
  } catch {
    return null; // the file list says so by an all-zero digest, and the transfer will tell why
  }
  try {
    hash.reset();
    const wanted = chunk.subarray(0, size);
    const count = file.read(wanted) as number;
    hash.update(count === size ? wanted : wanted.subarray(0, count));
    return decodeByteString(hash.digest(), 0, session.listHashLength);
  } catch {
    return null;
  } finally {
    void file.close();
  }
}

async function hashInTurns(
  session: Session,
  tree: FileTree,
  path: ByteString,
  size: number,
  reading?: ReadingOptions,
): Promise<ByteString | null> {
  const { chunk, turn } = workplaceOf(session);
  const hash = listHashOf(session);
  let file: TreeFile;
  try {
    file = await tree.open(path, reading ?? readingOf(session));
  } catch {
    return null;
  }
  try {
    hash.reset();
    for (let left = size; ; ) {
      const wanted = chunk.subarray(0, left);
      const answer = file.read(wanted);
      const count = answer instanceof Promise ? await answer : answer;
      hash.update(wanted.subarray(0, count));
      left -= count;
      if (turn.isOver) await turn.pass();
      // A short read is the end of a regular file.
      if (count < wanted.length || left === 0)
        return decodeByteString(hash.digest(), 0, session.listHashLength);
    }
  } catch {
    return null;
  } finally {
    const closed = file.close();
    if (closed instanceof Promise) await closed;
  }
}

function listHashOf({ listHash }: Session): HashStream {
  if (listHash === null) throw new TypeError("hashFile: expected a session with --checksum");
  return listHash;
}

function readingOf({ options }: Session): ReadingOptions {
  return { leavesAccessTime: options.openNoatime };
}
