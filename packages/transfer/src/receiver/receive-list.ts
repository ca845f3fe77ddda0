/**
 * Receiving file lists, and what comes with them (spec 2-file-list, 2.2 and 2.10).
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import {
  EntryFlag,
  type FileList,
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
import {
  type ByteString,
  type Cursor,
  NDX_FLIST_EOF,
  NDX_FLIST_OFFSET,
} from "@tsrsync/protocol/wire";
import type { EntryCheck } from "../filter/session-filters.js";
import type { Identities } from "../identity/identities.js";
import { listOptionsOf } from "../session/list-options.js";
import type { Session } from "../session/session.js";
import { countKind } from "../session/statistics.js";
import { changeModes } from "./change-modes.js";
import { type NameLookup, parseIdRules } from "./id-rules.js";
import { createNameConverter } from "./local-names.js";
import { AclIdMap } from "./map-acls.js";
import { IdMap } from "./map-ids.js";

export class ListReceiver {
  /** The lists that were received and are still needed. */
  readonly lists: FileListSet;

  readonly #session: Session;
  readonly #options: ListOptions;
  readonly #reader: ListReader;
  readonly #check: EntryCheck | null;
  readonly #users: IdMap;
  readonly #groups: IdMap;
  readonly #acls: AclIdMap | null;
  readonly #decode: (cursor: Cursor) => ReturnType<ListReader["readEntry"]>;
  #isComplete = false;

  constructor(session: Session, identities: Identities, check: EntryCheck | null) {
    this.#session = session;
    this.#check = check;
    this.#options = listOptionsOf(session);
    this.#reader = new ListReader(this.#options, createNameConverter(session));
    this.lists = new FileListSet(this.#options, {
      receiving: true,
      bySendingOrder: session.charset !== null,
    });
    this.#users = createIdMap(session, "usermap", identities.userId);
    this.#groups = createIdMap(session, "groupmap", identities.groupId);
    this.#acls = this.#options.acls ? new AclIdMap(this.#users, this.#groups) : null;
    this.#decode = (cursor) => this.#reader.readEntry(cursor);
  }

  /** No further list will come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Reads the first list; the owners in it are turned into ours. */
  async receiveFirst(): Promise<FileList> {
    const session = this.#session;
    const { input, protocol, statistics } = session;
    const bytesBefore = input.bytesRead;
    const end = await this.#readEntries();
    await this.#readIdLists();
    if (protocol < 30) session.mergeIoError(await input.read(readTrailingIoError));
    const list = this.#add(end, null);
    statistics.listSize = input.bytesRead - bytesBefore;
    if (!this.#options.inc) this.#isComplete = true;
    else if (list.entries.length === 1) await this.receiveMore((await session.readItem()).ndx);
    return list;
  }

  /**
   * Takes the index that announces a further list, or says that there is none, and reads the list.
   * @throws ProtocolError for any other index, and for a list that must not be.
   */
  async receiveMore(ndx: number): Promise<void> {
    if (!this.#options.inc || this.#isComplete || ndx > NDX_FLIST_EOF) {
      throw new ProtocolError(`file index: unexpected value ${ndx}`);
    }
    if (ndx === NDX_FLIST_EOF) {
      this.#isComplete = true;
      return;
    }
    const dirIndex = NDX_FLIST_OFFSET - ndx;
    if (dirIndex < 0) throw new ProtocolError(`file index: unexpected value ${ndx}`);
    if (this.lists.lists.length === 0) {
      throw new ProtocolError("refusing sub-flist after final flist was freed");
    }
    this.lists.directoryAt(dirIndex); // refuses what must not have a list before anything of it is read
    const { input, statistics } = this.#session;
    const bytesBefore = input.bytesRead;
    this.#add(await this.#readEntries(), dirIndex);
    statistics.listSize += input.bytesRead - bytesBefore;
  }

  async #readEntries(): Promise<ListEnd> {
    const { input } = this.#session;
    for (;;) {
      const answer = input.read(this.#decode);
      const entry = answer instanceof Promise ? await answer : answer;
      if (entry instanceof ListEnd) {
        this.#session.mergeIoError(entry.ioError);
        return entry;
      }
      if ((entry.flags & EntryFlag.Dropped) === 0) this.#check?.(entry);
    }
  }

  #add({ entries }: ListEnd, dirIndex: number | null): FileList {
    const { statistics, observer } = this.#session;
    changeModes(entries, this.#session.options);
    this.#acls?.announce(entries);
    this.#users.applyTo(entries, "uid", "userName");
    this.#groups.applyTo(entries, "gid", "groupName");
    this.#acls?.applyTo(entries);
    for (const entry of entries) {
      countKind(statistics.files, entry.mode);
      if (isRegular(entry) || isSymlink(entry)) statistics.totalSize += entry.size;
    }
    const list = this.lists.add(entries, dirIndex);
    observer.list?.(list);
    return list;
  }

  async #readIdLists(): Promise<void> {
    if (hasUserList(this.#options)) this.#users.announce(await this.#readNames());
    if (hasGroupList(this.#options)) this.#groups.announce(await this.#readNames());
  }

  async #readNames() {
    const reader = new IdListReader(this.#options);
    while (await this.#session.input.read((cursor) => reader.readItem(cursor)));
    return this.#session.options.ignoresIdNames ? [] : reader.names;
  }
}

/** How the sender's users, or groups, become ours. */
function createIdMap(session: Session, option: "usermap" | "groupmap", lookup: NameLookup): IdMap {
  const { options } = session;
  const text = options[option];
  const onUnknown = (unknown: ByteString) => session.notice("warning", unknown);
  const rules = text === null ? [] : parseIdRules(option, text, lookup, onUnknown);
  if (options.ignoresIdNames) return new IdMap(() => null, rules);
  return new IdMap(lookup, rules, "root");
}
