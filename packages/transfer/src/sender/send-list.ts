/**
 * Sending the file list: entries go out while the sources are still being walked (spec 2-file-list, 2.2).
 * @module
 */
import {
  FileListSet,
  isRegular,
  isSymlink,
  ListWriter,
  writeTrailingIoError,
} from "@tsrsync/protocol/file-list";
import type { SessionFilters } from "../filter/session-filters.js";
import type { Identities } from "../identity/identities.js";
import { listOptionsOf } from "../session/list-options.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { Scanner } from "./scanner.js";
import type { Source } from "./source.js";

/** Walks the sources and sends what it finds; the list is returned in its sorted order. */
export async function sendFileList(
  session: Session,
  sources: readonly Source[],
  identities: Identities,
  filters: SessionFilters,
): Promise<FileListSet> {
  const { output, statistics, protocol } = session;
  const options = listOptionsOf(session);
  const startedMs = performance.now();
  const bytesBefore = output.bytesWritten;
  const list = new ListWriter(options, {
    user: identities.userName,
    group: identities.groupName,
  });
  const scanner = new Scanner(
    session,
    filters,
    (entry) => {
      list.writeEntry(output.writer, entry);
      output.flushWhenFull();
      countKind(statistics.files, entry.mode);
      if (isRegular(entry) || isSymlink(entry)) statistics.totalSize += entry.size;
    },
    () => {
      output.flush();
      return output.drained();
    },
  );
  for (let i = 0; i < sources.length; i++) await scanner.scan(sources[i]!, i);
  // Zero would mean that the time is not known.
  statistics.listBuildMs = Math.max(1, Math.round(performance.now() - startedMs));

  const ioError = session.options.ignoreErrors ? 0 : session.ioError;
  const entries = list.writeEnd(output.writer, ioError);
  list.writeIdLists(output.writer);
  if (protocol < 30) writeTrailingIoError(output.writer, ioError);
  output.flush();
  statistics.listSize = output.bytesWritten - bytesBefore;
  const totalMs = Math.round(performance.now() - startedMs);
  statistics.listTransferMs = Math.max(0, totalMs - statistics.listBuildMs);
  const lists = new FileListSet(options, { receiving: false });
  lists.add(entries);
  return lists;
}
