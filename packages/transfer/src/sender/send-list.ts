/**
 * Sending file lists: entries go out while the sources are still being walked. Without incremental recursion there is one
 * list; with it each directory gets its own, and they go out a bounded way ahead of the requests (spec 2-file-list, 2.2 and
 * 2.10).
 * @module
 */
import {
  EntryFlag,
  type FileEntry,
  type FileList,
  FileListSet,
  isRegular,
  isSymlink,
  type ListOptions,
  ListWriter,
  writeTrailingIoError,
} from "@tsrsync/protocol/file-list";
import { NDX_FLIST_EOF, NDX_FLIST_OFFSET } from "@tsrsync/protocol/wire";
import type { SourceAttributes } from "../attributes/source-attributes.js";
import type { SessionFilters } from "../filter/session-filters.js";
import type { Identities } from "../identity/identities.js";
import type { SendRequest } from "../run-sender.js";
import { listOptionsOf } from "../session/list-options.js";
import { receiveNames } from "../session/name-list.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { ArgumentLister } from "./list-arguments.js";
import { Scanner } from "./scanner.js";
import { SelectionLister } from "./selection.js";
import { wireTargetOf } from "./wire-names.js";

/** Directories of one name, whose contents make one list. */
interface PendingDirectory {
  /** Place of the first of them in the directory table. */
  dirIndex: number;
  directories: FileEntry[];
}

export class ListSender {
  /** The lists that were sent and are still needed. */
  readonly lists: FileListSet;

  readonly #session: Session;
  readonly #request: SendRequest;
  readonly #options: ListOptions;
  readonly #writer: ListWriter;
  readonly #scanner: Scanner;
  readonly #arguments: ArgumentLister;
  readonly #selected: SelectionLister;
  /** Directories whose lists are to be sent; the next one is the last here. */
  readonly #pending: PendingDirectory[] = [];
  #reportedErrors = 0;
  #isComplete = false;

  constructor(
    session: Session,
    request: SendRequest,
    identities: Identities,
    filters: SessionFilters,
    attributes: SourceAttributes | null,
  ) {
    this.#session = session;
    this.#request = request;
    this.#options = listOptionsOf(session);
    this.lists = new FileListSet(this.#options, {
      receiving: false,
      bySendingOrder: session.charset !== null,
    });
    const { ignoresIdNames } = session.options;
    this.#writer = new ListWriter(this.#options, {
      user: ignoresIdNames ? () => null : identities.userName,
      group: ignoresIdNames ? () => null : identities.groupName,
    });
    const { output } = session;
    const sink = (entry: FileEntry) => this.#send(entry);
    const afterSome = () => {
      output.flush();
      return output.drained();
    };
    this.#scanner = new Scanner(session, filters, attributes, {
      intoDirectories: !this.#options.inc,
      sink,
      afterSome,
      hides: request.hides ?? null,
    });
    this.#selected = new SelectionLister(session, request.sources, attributes, { sink, afterSome });
    this.#arguments = new ArgumentLister(session, request.sources, this.#scanner);
  }

  /** Every list was sent. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Sends the first list, and without incremental recursion all that belongs to it. */
  async sendFirst(): Promise<void> {
    const session = this.#session;
    const { output, statistics, protocol } = session;
    const startedMs = performance.now();
    const bytesBefore = output.bytesWritten;
    await this.#listArguments();
    // Zero would mean that the time is not known.
    statistics.listBuildMs = Math.max(1, Math.round(performance.now() - startedMs));
    const entries = this.#writer.writeEnd(output.writer, this.#newErrors());
    this.#writer.writeIdLists(output.writer);
    if (protocol < 30) writeTrailingIoError(output.writer, this.#errors());
    output.flush();
    statistics.listSize = output.bytesWritten - bytesBefore;
    const totalMs = Math.round(performance.now() - startedMs);
    statistics.listTransferMs = Math.max(0, totalMs - statistics.listBuildMs);
    const list = this.lists.add(entries);
    if (!this.#options.inc) this.#isComplete = true;
    else {
      this.#expect(list);
      // The other side looks at a second list, or at the mark that there is none, before it takes a single item for all.
      if (this.#pending.length === 0 || entries.length === 1) await this.sendNext();
    }
    session.observer.list?.(list);
  }

  /** Sends the list of the next directory, or the mark that there are no more. */
  async sendNext(): Promise<void> {
    const session = this.#session;
    const { output, statistics } = session;
    const bytesBefore = output.bytesWritten;
    const next = this.#pending.pop();
    if (next === undefined) {
      session.writeMark(NDX_FLIST_EOF);
      this.#isComplete = true;
      return;
    }
    session.writeMark(NDX_FLIST_OFFSET - next.dirIndex);
    for (const directory of next.directories) {
      if ((directory.flags & EntryFlag.ContentDir) === 0) continue;
      await this.#scanner.scanDirectory(this.#request.sources, directory);
    }
    await this.#arguments.below(next.directories[0]!.name);
    const entries = this.#writer.writeEnd(output.writer, this.#newErrors());
    output.flushWhenFull();
    const list = this.lists.add(entries, next.dirIndex);
    statistics.listSize += output.bytesWritten - bytesBefore;
    this.#expect(list);
    session.observer.list?.(list);
  }

  async #listArguments(): Promise<void> {
    const { paths, sources, selection } = this.#request;
    const { filesFrom } = this.#session.options;
    if (selection != null) {
      await this.#selected.list(await sources.enterBase(this.#session, paths[0]!), selection);
      return;
    }
    if (filesFrom === null) {
      for (const path of paths) await this.#arguments.argument(path);
      return;
    }
    const base = await sources.enterBase(this.#session, paths[0]!);
    for await (const name of receiveNames(this.#session, filesFrom)) {
      await this.#arguments.listed(base, name);
    }
  }

  #send(entry: FileEntry): void {
    const { output, statistics } = this.#session;
    const session = this.#session;
    if (session.charset === null) this.#writer.writeEntry(output.writer, entry);
    else {
      const name = session.toWire(entry.name);
      this.#writer.writeEntry(output.writer, entry, name, wireTargetOf(session, entry));
    }
    output.flushWhenFull();
    countKind(statistics.files, entry.mode);
    if (isRegular(entry) || isSymlink(entry)) statistics.totalSize += entry.size;
  }

  /** The directories of a list are next, in its order; those of one name share a list. */
  #expect(list: FileList): void {
    const found: PendingDirectory[] = [];
    for (let i = 0; i < list.dirCount; i++) {
      const dirIndex = list.firstDirIndex + i;
      const directory = this.lists.directories[dirIndex]!;
      if (directory.name === ".") continue;
      const last = found.at(-1);
      if (last?.directories[0]?.name === directory.name) last.directories.push(directory);
      else found.push({ dirIndex, directories: [directory] });
    }
    this.#pending.push(...found.reverse());
  }

  #errors(): number {
    return this.#session.options.ignoreErrors ? 0 : this.#session.ioError;
  }

  /** Errors that no end of a list has told yet. */
  #newErrors(): number {
    const errors = this.#errors();
    if (errors === this.#reportedErrors) return 0;
    this.#reportedErrors = errors;
    return errors;
  }
}
