/**
 * Where long attribute values are asked for and sent: in the records of items (spec 2-file-list, 2.13.3; 3-transfer, 2.5).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import { CF_AVOID_XATTR_OPTIM } from "@tsrsync/protocol/handshake";
import { ItemFlag, readXattrRequest, XattrReplyReader } from "@tsrsync/protocol/item";
import type { Session } from "./session.js";

const LINKED = ItemFlag.XnameFollows | ItemFlag.LocalChange;

/** Whether the list of attributes follows the head of a record with these flags, in a request as in its reply. */
export function carriesXattrs({ options, protocol, compatFlags }: Session, flags: number): boolean {
  if (options.xattrs === 0 || (flags & ItemFlag.ReportXattr) === 0) return false;
  if (options.dryRun && !options.onlyWriteBatch) return false;
  // What is linked to another item has its attributes already.
  const optimizes = protocol >= 31 && (compatFlags & CF_AVOID_XATTR_OPTIM) === 0;
  return !(optimizes && (flags & LINKED) === LINKED);
}

/** Reads which long values of an entry the generator asks for. */
export async function receiveXattrRequest(session: Session, entry: FileEntry): Promise<number[]> {
  const list = entry.extra?.xattrs ?? null;
  return session.input.read((cursor) => readXattrRequest(cursor, list));
}

/** Reads the values that the sender sends, into the list of the entry. */
export async function receiveXattrReply({ input }: Session, entry: FileEntry): Promise<void> {
  const reader = new XattrReplyReader(entry.extra?.xattrs ?? null);
  while (!reader.read(input.cursor)) await input.more();
}
