/**
 * Finds what there is to send: walks the sources and hands out an entry for each item (spec 2-file-list, 2.6).
 * @module
 */
import {
  createEntry,
  EntryFlag,
  type FileEntry,
  IoError,
  isDirectoryMode,
} from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { SourceAttributes } from "../attributes/source-attributes.js";
import { DirectoryFilter } from "../filter/directory-filter.js";
import type { SessionFilters } from "../filter/session-filters.js";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { Awaitable, FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { EntryMaker } from "./entry-maker.js";
import { looksThroughLinks, NoReferentError, statLookingThrough } from "./look-through.js";
import { type Source, type SourceItem, treePath } from "./source.js";
import type { Sources } from "./sources.js";
import { isConvertible } from "./wire-names.js";

/** The longest path that a list may hold. */
const MAX_PATH = 4095;

/** What a program leaves out by its own rules; `path` is relative to the transfer root. */
export type Hides = (path: ByteString, isDirectory: boolean) => boolean;

export interface ScannerOptions {
  /** Walk on into the directories found; otherwise `scanDirectory` does, one at a time. */
  intoDirectories: boolean;
  sink: (entry: FileEntry) => void;
  /** Called now and then, so that what was found can be sent meanwhile. */
  afterSome: () => void | Promise<void>;
  hides: Hides | null;
}

/** What a directory has from the one around it. */
interface Around {
  readonly filter: DirectoryFilter | null;
  /** Of the file system that `--one-file-system` does not leave. */
  readonly device: bigint;
}

const NOTHING_AROUND: Around = { filter: null, device: 0n };

/** An argument that is there, and what is left out around it. */
interface FoundArgument {
  stat: FileStat;
  filter: DirectoryFilter | null;
}

export class Scanner {
  readonly #session: Session;
  readonly #filters: SessionFilters;
  readonly #entries: EntryMaker;
  readonly #options: ScannerOptions;
  readonly #turn = new Turn(TURN_MS);
  /** What holds around a directory that is to be scanned later. */
  readonly #around = new WeakMap<FileEntry, Around>();

  /** `attributes` reads what `-A` and `-X` ask for. */
  constructor(
    session: Session,
    filters: SessionFilters,
    attributes: SourceAttributes | null,
    options: ScannerOptions,
  ) {
    this.#session = session;
    this.#filters = filters;
    this.#entries = new EntryMaker(session, attributes);
    this.#options = options;
  }

  /** Lists what an argument names: the item itself, and with recursion all that is in it. */
  async scan(item: SourceItem): Promise<void> {
    const { options } = this.#session;
    const { source, name } = item;
    const found = await this.#lookAtArgument(item);
    if (found === null) return;
    if (found === "missing") {
      this.#options.sink(createEntry(name, 0));
      return;
    }
    const { stat, filter } = found;
    const isDirectory = isDirectoryMode(stat.mode);
    if (name !== "." && filter?.excludes(name, isDirectory)) return;
    if (isDirectory && !options.recursive && !options.dirs) {
      this.#session.notice("info", `skipping directory ${name}`);
      return;
    }
    const entry = await this.#entries.make(source, name, stat);
    if (entry === null || !isConvertible(this.#session, entry, source)) return;
    const descends = isDirectory && (options.recursive || item.contents);
    if (isDirectory) entry.flags |= descends ? EntryFlag.TopDir | EntryFlag.ContentDir : 0;
    this.#options.sink(entry);
    if (!descends) return;
    if (name === "." || this.#options.intoDirectories) {
      await this.#directory(source, name, { filter, device: stat.dev });
    } else this.#putOff(entry, { filter, device: stat.dev });
  }

  /** Whether something of this name is to be listed; that it is not there is told. */
  async isWanted(item: SourceItem): Promise<boolean> {
    return (await this.#lookAtArgument(item)) !== null;
  }

  /** Lists a directory only because it leads to an argument; no rule hides it. False when it is gone. */
  async listParent(source: Source, name: ByteString): Promise<boolean> {
    const looked = this.#look(source, name, null);
    const stat = looked instanceof Promise ? await looked : looked;
    if (stat === null || !isDirectoryMode(stat.mode)) return false;
    const entry = await this.#entries.make(source, name, stat);
    if (entry === null) return false;
    entry.flags |= EntryFlag.ImpliedDir;
    this.#options.sink(entry);
    return true;
  }

  /** Lets others have their turn when it is time. */
  rest(): Awaitable<void> {
    return this.#turn.isOver ? this.#yieldTurn() : undefined;
  }

  /** Lists what is directly in a directory that was listed before. */
  async scanDirectory(sources: Sources, directory: FileEntry): Promise<void> {
    if (directory.flags & EntryFlag.MountDir) return;
    const around = this.#around.get(directory) ?? NOTHING_AROUND;
    await this.#directory(sources.of(directory), directory.name, around);
  }

  /** `"missing"` when the other side is to be told that there is nothing. */
  async #lookAtArgument({ source, name }: SourceItem): Promise<FoundArgument | "missing" | null> {
    const { options } = this.#session;
    try {
      const stat = await this.#statOf(source, name);
      if (stat !== null) {
        const filter = await DirectoryFilter.open(this.#filters, source);
        if (!(await filter?.hidesOnTheWay(name, isDirectoryMode(stat.mode))))
          return { stat, filter };
      }
    } catch (error) {
      if (!(error instanceof NoReferentError)) {
        this.#session.addIoError(IoError.General);
        this.#linkStatFailed(source, name, reason(error));
        return null;
      }
    }
    if (options.missingArgs === "delete") return "missing";
    if (options.missingArgs === "report") {
      this.#linkStatFailed(source, name, "No such file or directory (2)");
    }
    return null;
  }

  #linkStatFailed(source: Source, name: ByteString, why: string): void {
    const text = `link_stat ${source.describe(name)} failed: ${why}`;
    this.#session.notice("transfer-error", `rsync: [sender] ${text}`);
  }

  /** Lists the items of a directory, then, with recursion, of each of its directories. */
  async #directory(source: Source, path: ByteString, outer: Around): Promise<void> {
    if (this.#turn.isOver) await this.#yieldTurn();
    const { options } = this.#session;
    const { tree } = source;
    let names: ByteString[];
    try {
      const answer = tree.list(treePath(source, path));
      names = answer instanceof Promise ? await answer : answer;
    } catch (error) {
      this.#directoryProblem(source, path, error);
      return;
    }
    const entered = outer.filter?.enter(path) ?? null;
    const filter = entered instanceof Promise ? await entered : entered;
    const around = { filter, device: outer.device };
    const prefix = path === "." ? "" : `${path}/`;
    const directories: ByteString[] = [];
    const { hides } = this.#options;
    for (const name of names) {
      const child = prefix + name;
      const looked = this.#look(source, child, filter);
      const stat = looked instanceof Promise ? await looked : looked;
      if (stat === null || filter?.excludes(child, isDirectoryMode(stat.mode))) continue;
      if (hides?.(child, isDirectoryMode(stat.mode))) continue;
      const isMountPoint =
        options.oneFileSystem > 0 && isDirectoryMode(stat.mode) && stat.dev !== around.device;
      if (isMountPoint && options.oneFileSystem > 1) continue;
      const made = this.#entries.make(source, child, stat);
      const entry = made instanceof Promise ? await made : made;
      if (entry === null || !isConvertible(this.#session, entry, source)) continue;
      if (isMountPoint) entry.flags |= EntryFlag.MountDir;
      else if (options.recursive && isDirectoryMode(stat.mode)) {
        entry.flags |= EntryFlag.ContentDir;
        if (this.#options.intoDirectories) directories.push(child);
        else this.#putOff(entry, around);
      }
      this.#options.sink(entry);
    }
    for (const child of directories) await this.#directory(source, child, around);
  }

  #putOff(directory: FileEntry, around: Around): void {
    if (around.filter === null && this.#session.options.oneFileSystem === 0) return;
    this.#around.set(directory, around);
  }

  async #yieldTurn(): Promise<void> {
    await this.#options.afterSome();
    await this.#turn.pass();
  }

  #directoryProblem(source: Source, path: ByteString, error: unknown): void {
    if ((error as { code?: string }).code === "ENOENT") {
      this.#session.addIoError(IoError.Vanished);
      this.#session.notice("warning", `directory has vanished: ${source.describe(path)}`);
      return;
    }
    this.#session.addIoError(IoError.General);
    this.#session.notice(
      "transfer-error",
      `rsync: [sender] opendir ${source.describe(path)} failed: ${reason(error)}`,
    );
  }

  /** Looks at an item, or through a link at what is sent in its place. */
  #statOf(source: Source, name: ByteString): Awaitable<FileStat | null> {
    const { options } = this.#session;
    const { tree } = source;
    const path = treePath(source, name);
    return looksThroughLinks(options) ? statLookingThrough(tree, path, options) : tree.stat(path);
  }

  /** What is at a path; `null`, with a report unless nobody wants it, when nothing can be said. */
  #look(
    source: Source,
    path: ByteString,
    filter: DirectoryFilter | null,
  ): Awaitable<FileStat | null> {
    if (path.length > MAX_PATH) {
      this.#unusable(filter, path, `path too long: ${source.describe(path)}`);
      return null;
    }
    try {
      const answer = this.#statOf(source, path);
      if (answer instanceof Promise) return this.#lookLater(source, path, filter, answer);
      if (answer === null) this.#vanished(source, path, filter);
      return answer;
    } catch (error) {
      this.#lookFailed(source, path, filter, error);
      return null;
    }
  }

  async #lookLater(
    source: Source,
    path: ByteString,
    filter: DirectoryFilter | null,
    pending: Promise<FileStat | null>,
  ): Promise<FileStat | null> {
    try {
      const stat = await pending;
      if (stat === null) this.#vanished(source, path, filter);
      return stat;
    } catch (error) {
      this.#lookFailed(source, path, filter, error);
      return null;
    }
  }

  #vanished(source: Source, path: ByteString, filter: DirectoryFilter | null): void {
    if (filter?.excludes(path, false)) return;
    this.#session.addIoError(IoError.Vanished);
    this.#session.notice("warning", `file has vanished: ${source.describe(path)}`);
  }

  #lookFailed(
    source: Source,
    path: ByteString,
    filter: DirectoryFilter | null,
    error: unknown,
  ): void {
    if (error instanceof NoReferentError) {
      if (filter?.excludes(path, false)) return;
      this.#session.addIoError(IoError.General);
      const text = `symlink has no referent: ${source.describe(path)}`;
      this.#session.notice("transfer-error", text);
      return;
    }
    this.#unusable(
      filter,
      path,
      `readlink_stat(${source.describe(path)}) failed: ${reason(error)}`,
    );
  }

  #unusable(filter: DirectoryFilter | null, path: ByteString, text: ByteString): void {
    if (filter?.excludes(path, false)) return;
    this.#session.addIoError(IoError.General);
    this.#session.notice("transfer-error", `rsync: [sender] ${text}`);
  }
}
