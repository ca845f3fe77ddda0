/**
 * Copying items, where they can be neither moved nor linked.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { TURN_MS, Turn } from "../session/turn.js";
import type { Awaitable, FileStat, FileTree, ItemAttributes, TreeFile } from "./file-tree.js";
import { isLinkMode, isRegularMode } from "./item-type.js";
import { errorCode, treeError } from "./system-error.js";

const COPY_BYTES = 256 << 10;
const MODE_BITS = 0o7777;

/** Gives a copy the ACLs and extended attributes of its original. */
export type CopyExtended = (from: ItemAttributes, to: ItemAttributes) => Promise<void>;

/** Moves an item to another tree, replacing what is there; copies it when it is on another file system. */
export function moveItem(
  source: FileTree,
  from: ByteString,
  target: FileTree,
  to: ByteString,
  copyExtended: CopyExtended | null = null,
): Awaitable<void> {
  const moveAcross = async (error: unknown): Promise<void> => {
    if (errorCode(error) !== "EXDEV") throw error;
    await copyItem(source, from, target, to, copyExtended);
    await source.removeFile(from);
  };
  try {
    const moved = source === target ? target.rename(from, to) : target.moveFrom(source, from, to);
    return moved instanceof Promise ? moved.catch(moveAcross) : undefined;
  } catch (error) {
    return moveAcross(error);
  }
}

/** Gives an item a further name, in another tree or the same one. */
export async function linkItem(
  source: FileTree,
  existing: ByteString,
  target: FileTree,
  path: ByteString,
): Promise<void> {
  if (source === target) await target.makeHardLink(path, existing);
  else await target.linkFrom(source, existing, path);
}

/**
 * Copies a file, link, device or special file with its owner, mode and modification time. What is at `to` is replaced at
 * once when the copy is complete, so that nobody ever sees half of it.
 * @throws TreeError EISDIR for a directory.
 */
export async function copyItem(
  source: FileTree,
  from: ByteString,
  target: FileTree,
  to: ByteString,
  copyExtended: CopyExtended | null = null,
): Promise<void> {
  const stat = await source.stat(from);
  if (stat === null) throw treeError("ENOENT", "copy", from);
  if (isRegularMode(stat.mode)) {
    await copyFile({ source, from, target, to }, stat, copyExtended);
    return;
  }
  // Not in one step: there is no room beside it that is known to be free, and such items can not be half there.
  if ((await target.stat(to)) !== null) await target.removeFile(to);
  if (isLinkMode(stat.mode)) await target.makeSymlink(to, await source.readLink(from));
  else await target.makeNode(to, stat.mode, stat.rdevMajor, stat.rdevMinor);
  await ignoringRefusal(() => target.setOwner(to, stat.uid, stat.gid));
  if (!isLinkMode(stat.mode)) await target.setMode(to, stat.mode & MODE_BITS);
  await target.setTimes(to, null, { seconds: stat.mtime, nanoseconds: stat.mtimeNs });
}

async function copyFile(
  {
    source,
    from,
    target,
    to,
  }: Record<"source" | "target", FileTree> & Record<"from" | "to", ByteString>,
  stat: FileStat,
  copyExtended: CopyExtended | null,
): Promise<void> {
  const reader = await source.open(from);
  try {
    const { file, path } = await target.createTemporary(to, stat.mode);
    try {
      await copyData(reader, file);
      await ignoringRefusal(() => file.setOwner(stat.uid, stat.gid));
      await file.setMode(stat.mode & MODE_BITS);
      await copyExtended?.(reader, file);
      await file.setTimes(null, { seconds: stat.mtime, nanoseconds: stat.mtimeNs });
      await file.close();
      await target.rename(path, to);
    } catch (error) {
      await file.close();
      await target.removeFile(path);
      throw error;
    }
  } finally {
    await reader.close();
  }
}

async function copyData(reader: TreeFile, writer: TreeFile): Promise<void> {
  const chunk = new Uint8Array(COPY_BYTES);
  const turn = new Turn(TURN_MS);
  for (;;) {
    const count = await reader.read(chunk);
    if (count === 0) return;
    await writer.write(chunk.subarray(0, count));
    if (turn.isOver) await turn.pass();
  }
}

/** Only a super-user can give files away; for others the copy is theirs. */
async function ignoringRefusal(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (errorCode(error) !== "EPERM") throw error;
  }
}
