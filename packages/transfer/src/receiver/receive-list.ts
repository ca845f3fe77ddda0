/**
 * Receiving the file list, and what comes with it (spec 2-file-list, 2.2).
 * @module
 */
import {
  FileListSet,
  hasGroupList,
  hasUserList,
  IdListReader,
  isRegular,
  isSymlink,
  ListEnd,
  type ListOptions,
  ListReader,
  readTrailingIoError,
} from "@tsrsync/protocol/file-list";
import type { Cursor } from "@tsrsync/protocol/wire";
import type { EntryCheck } from "../filter/session-filters.js";
import type { Identities } from "../identity/identities.js";
import { listOptionsOf } from "../session/list-options.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { mapGroups, mapUsers } from "./map-ids.js";

/** Reads the whole list; the owners in it are turned into ours. */
export async function receiveFileList(
  session: Session,
  identities: Identities,
  check: EntryCheck | null,
): Promise<FileListSet> {
  const { input, statistics, protocol } = session;
  const options = listOptionsOf(session);
  const bytesBefore = input.bytesRead;
  const end = await readEntries(session, options, check);
  session.mergeIoError(end.ioError);
  await readIdLists(session, options, end, identities);
  if (protocol < 30) session.mergeIoError(await input.read(readTrailingIoError));
  statistics.listSize = input.bytesRead - bytesBefore;
  for (const entry of end.entries) {
    countKind(statistics.files, entry.mode);
    if (isRegular(entry) || isSymlink(entry)) statistics.totalSize += entry.size;
  }
  const lists = new FileListSet(options, { receiving: true });
  lists.add(end.entries);
  return lists;
}

async function readEntries(
  session: Session,
  options: ListOptions,
  check: EntryCheck | null,
): Promise<ListEnd> {
  const { input } = session;
  const reader = new ListReader(options);
  const decode = (cursor: Cursor) => reader.readEntry(cursor);
  for (;;) {
    const answer = input.read(decode);
    const entry = answer instanceof Promise ? await answer : answer;
    if (entry instanceof ListEnd) return entry;
    if (check !== null) check(entry);
  }
}

async function readIdLists(
  session: Session,
  options: ListOptions,
  end: ListEnd,
  identities: Identities,
): Promise<void> {
  if (hasUserList(options)) {
    const names = await readNames(session, options);
    mapUsers(end.entries, names, identities.userId);
  }
  if (hasGroupList(options)) {
    const names = await readNames(session, options);
    mapGroups(end.entries, names, identities.groupId);
  }
}

async function readNames(session: Session, options: ListOptions) {
  const reader = new IdListReader(options);
  while (await session.input.read((cursor) => reader.readItem(cursor)));
  return reader.names;
}
