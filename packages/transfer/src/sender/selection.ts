/**
 * A list that is given path by path, by a program that knows what has changed: nothing is searched for. On the wire it is
 * that of `--files-from --relative --no-implied-dirs --delete-missing-args` (spec 2-file-list, 2.6; 6-live-sync, 3.4).
 * @module
 */
import {
  createEntry,
  EntryFlag,
  type FileEntry,
  FileType,
  IoError,
  isDirectoryMode,
  markHardLinked,
} from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { SourceAttributes } from "../attributes/source-attributes.js";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { FileStat } from "../tree/file-tree.js";
import { errorCode, reason } from "../tree/system-error.js";
import { EntryMaker } from "./entry-maker.js";
import type { Source } from "./source.js";
import type { Sources } from "./sources.js";

/** A file that the other side has under another name. */
export interface MovedFile {
  /** The name that the other side has its data under. */
  readonly from: ByteString;
  /** Its name now. */
  readonly to: ByteString;
}

/** Exactly what is to be sent of one directory. Paths are relative to it, without slashes at their ends; it is `""` itself. */
export interface PathSelection {
  /** Items that are there, each for itself: what is in a directory is not looked at. One that is gone is left out. */
  readonly present: readonly ByteString[];
  /** Names that the other side is to delete, whatever is there (`missingArgs` must be `"delete"`). */
  readonly missing: readonly ByteString[];
  /**
   * Regular files that the other side may link to what it has already (`hardLinks` must be on): both names are listed as
   * links to one file, of which this side has the new one. Its old name stays at the other side.
   */
  readonly moved: readonly MovedFile[];
  /** Items that are links to one file here become so there. */
  readonly keepsHardLinks: boolean;
}

export interface SelectionListerOptions {
  sink: (entry: FileEntry) => void;
  /** Called now and then, so that what was found can be sent meanwhile. */
  afterSome: () => void | Promise<void>;
}

/** These say that a path leads nowhere any more: the program will hear of it, as of a file that is gone. */
const NOWHERE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

export class SelectionLister {
  readonly #session: Session;
  readonly #sources: Sources;
  readonly #entries: EntryMaker;
  readonly #options: SelectionListerOptions;
  readonly #turn = new Turn(TURN_MS);
  /** All names that were listed, or must not be. */
  readonly #taken = new Set<ByteString>();
  /** Directories that are there, and names that are none. */
  readonly #parents = new Map<ByteString, boolean>();

  /** `attributes` reads what `-A` and `-X` ask for. */
  constructor(
    session: Session,
    sources: Sources,
    attributes: SourceAttributes | null,
    options: SelectionListerOptions,
  ) {
    this.#session = session;
    this.#sources = sources;
    this.#entries = new EntryMaker(session, attributes);
    this.#options = options;
  }

  /** Lists what was selected, with the directories that lead to it. */
  async list(base: Source, selection: PathSelection): Promise<void> {
    const { present, missing, moved } = selection;
    for (const path of present) this.#taken.add(path);
    for (const path of missing) this.#taken.add(path);
    const links = new Map<ByteString, ByteString[]>();
    for (const { from, to } of moved) {
      if (this.#taken.has(from)) continue;
      this.#taken.add(from);
      const names = links.get(to);
      if (names === undefined) links.set(to, [from]);
      else names.push(from);
    }
    const aliases = new Map<ByteString, ByteString>();
    for (const [to, names] of links) for (const from of names) aliases.set(from, to);
    const old = aliases.size > 0 ? this.#sources.aliased(base, aliases) : base;
    for (const path of present) {
      const stat = this.#look(base, path);
      const found = stat instanceof Promise ? await stat : stat;
      if (found !== null && (await this.#leadsThere(base, path))) {
        const isMoved = links.has(path) && (found.mode & FileType.Mask) === FileType.Regular;
        const isLink = isMoved || selection.keepsHardLinks;
        await this.#present(base, path, found, isLink, isMoved);
        if (isMoved) for (const from of links.get(path)!) await this.#old(old, from, found);
      }
      if (this.#turn.isOver) await this.#rest();
    }
    for (const path of missing) {
      if (await this.#leadsThere(base, path)) this.#options.sink(createEntry(path, 0));
    }
  }

  async #present(
    source: Source,
    path: ByteString,
    stat: FileStat,
    isLink: boolean,
    isMoved: boolean,
  ): Promise<void> {
    const made = this.#entries.make(source, path === "" ? "." : path, stat);
    const entry = made instanceof Promise ? await made : made;
    if (entry === null) return;
    if (!isLink) entry.flags &= ~EntryFlag.HardLinked;
    if (isMoved) markHardLinked(entry, stat.dev, stat.ino);
    this.#options.sink(entry);
  }

  /** The name that the other side has a file under; the directories that lead to it may be gone here. */
  async #old(source: Source, path: ByteString, stat: FileStat): Promise<void> {
    for (const directory of parentsOf(path)) {
      if (this.#taken.has(directory)) continue;
      this.#taken.add(directory);
      this.#parents.set(directory, true);
      const { mtime, mtimeNs, uid, gid } = stat;
      const mode = FileType.Directory | 0o755;
      const entry = createEntry(directory, mode, 0, mtime, mtimeNs, uid, gid);
      entry.flags |= EntryFlag.ImpliedDir;
      this.#sendParent(entry);
    }
    await this.#present(source, path, stat, true, true);
  }

  /** Lists the directories on the way to a path as such. False when one is none any more. */
  async #leadsThere(source: Source, path: ByteString): Promise<boolean> {
    for (const directory of parentsOf(path)) {
      let isThere = this.#parents.get(directory);
      if (isThere === undefined) {
        isThere = await this.#parent(source, directory);
        this.#parents.set(directory, isThere);
      }
      if (!isThere) return false;
    }
    return true;
  }

  async #parent(source: Source, directory: ByteString): Promise<boolean> {
    const stat = await this.#look(source, directory);
    if (stat === null || !isDirectoryMode(stat.mode)) return false;
    if (this.#taken.has(directory)) return true;
    const entry = await this.#entries.make(source, directory, stat);
    if (entry === null) return false;
    entry.flags |= EntryFlag.ImpliedDir;
    this.#taken.add(directory);
    this.#sendParent(entry);
    return true;
  }

  /** Of old, only directories that are asked for are sent. */
  #sendParent(entry: FileEntry): void {
    const { options, protocol } = this.#session;
    if (protocol >= 30 || options.impliedDirs) this.#options.sink(entry);
  }

  /** What is at a path; `null`, noted as vanished, when nothing is. */
  #look(source: Source, path: ByteString): FileStat | null | Promise<FileStat | null> {
    try {
      const answer = source.tree.stat(path);
      if (answer instanceof Promise) {
        return answer.then(
          (stat) => stat ?? this.#vanished(),
          (error) => this.#failed(source, path, error),
        );
      }
      return answer ?? this.#vanished();
    } catch (error) {
      return this.#failed(source, path, error);
    }
  }

  #vanished(): null {
    this.#session.addIoError(IoError.Vanished);
    return null;
  }

  #failed(source: Source, path: ByteString, error: unknown): null {
    if (NOWHERE.has(errorCode(error) ?? "")) return this.#vanished();
    this.#session.addIoError(IoError.General);
    const text = `readlink_stat(${source.describe(path)}) failed: ${reason(error)}`;
    this.#session.notice("transfer-error", `rsync: [sender] ${text}`);
    return null;
  }

  async #rest(): Promise<void> {
    await this.#options.afterSome();
    await this.#turn.pass();
  }
}

/** The directories that lead to a path, the outermost first. */
function* parentsOf(path: ByteString): Generator<ByteString> {
  for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
    yield path.slice(0, slash);
  }
}
