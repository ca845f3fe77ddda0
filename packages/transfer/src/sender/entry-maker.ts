/**
 * Makes the entry of an item that was found: what the list says of it (spec 2-file-list, 2.6).
 * @module
 */
import { changeMode } from "@tsrsync/protocol/arguments";
import {
  createEntry,
  extraOf,
  type FileEntry,
  FileType,
  IoError,
  isDeviceMode,
  markHardLinked,
} from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { SourceAttributes } from "../attributes/source-attributes.js";
import { hashFile } from "../generator/list-hash.js";
import { unmunge } from "../session/link-targets.js";
import type { Session } from "../session/session.js";
import type { Awaitable, FileStat, ReadingOptions } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { readingOptionsOf } from "./look-through.js";
import { markSource, type Source, treePath } from "./source.js";

export class EntryMaker {
  readonly #session: Session;
  readonly #attributes: SourceAttributes | null;
  readonly #reading: ReadingOptions;

  /** `attributes` reads what `-A` and `-X` ask for. */
  constructor(session: Session, attributes: SourceAttributes | null) {
    this.#session = session;
    this.#attributes = attributes;
    this.#reading = readingOptionsOf(session.options);
  }

  /** The entry of an item; `null` (with a report) when it can not be described. */
  make(
    source: Source,
    path: ByteString,
    stat: FileStat,
  ): FileEntry | null | Promise<FileEntry | null> {
    const made = this.#makePlainEntry(source, path, stat);
    return this.#attributes === null ? made : this.#withAttributes(source, path, made);
  }

  async #withAttributes(
    source: Source,
    path: ByteString,
    made: Awaitable<FileEntry | null>,
  ): Promise<FileEntry | null> {
    const entry = await made;
    if (entry === null || this.#attributes === null) return entry;
    return (await this.#attributes.describe(source, entry, path)) ? entry : null;
  }

  /** The entry without what `-A` and `-X` add. */
  #makePlainEntry(
    source: Source,
    path: ByteString,
    stat: FileStat,
  ): FileEntry | null | Promise<FileEntry | null> {
    const { options } = this.#session;
    if (options.copyDevices && isDeviceMode(stat.mode)) {
      return this.#deviceAsFile(source, path, stat);
    }
    const { mode } = stat;
    const type = mode & FileType.Mask;
    const hasSize =
      type === FileType.Regular || type === FileType.Directory || type === FileType.Symlink;
    const size = hasSize ? stat.size : 0;
    const { mtime, mtimeNs, uid, gid } = stat;
    const sent =
      options.modeChanges.length === 0 || type === FileType.Symlink
        ? mode
        : changeMode(options.modeChanges, mode, type === FileType.Directory);
    const entry = createEntry(path, sent, size, mtime, mtimeNs, uid, gid, markSource(source.index));
    if (options.atimes && type !== FileType.Directory) extraOf(entry).atime = stat.atime;
    if (options.hardLinks && this.#mayHaveLinks(stat)) markHardLinked(entry, stat.dev, stat.ino);
    if (type === FileType.Regular && options.checksum) return this.#withChecksum(source, entry);
    if (type === FileType.Symlink && options.links) return this.#withTarget(source, entry);
    if (isDeviceMode(mode)) {
      const extra = extraOf(entry);
      extra.rdevMajor = stat.rdevMajor;
      extra.rdevMinor = stat.rdevMinor;
    }
    return entry;
  }

  /** Before protocol 28 every regular file is told with its inode, and nothing else is. */
  #mayHaveLinks({ mode, nlink }: FileStat): boolean {
    const type = mode & FileType.Mask;
    if (this.#session.protocol < 28) return type === FileType.Regular;
    return nlink > 1 && type !== FileType.Directory;
  }

  /** `--copy-devices`: what is on a device, as if it were a file. */
  async #deviceAsFile(source: Source, path: ByteString, stat: FileStat): Promise<FileEntry | null> {
    try {
      const file = await source.tree.open(treePath(source, path), this.#reading);
      const { size } = await file.stat();
      await file.close();
      const mode = FileType.Regular | (stat.mode & ~FileType.Mask);
      return await this.#makePlainEntry(source, path, { ...stat, mode, size });
    } catch (error) {
      this.#session.addIoError(IoError.General);
      this.#session.notice(
        "transfer-error",
        `rsync: [sender] failed to open ${source.describe(path)}: ${reason(error)}`,
      );
      return null;
    }
  }

  #withChecksum(source: Source, entry: FileEntry): Awaitable<FileEntry> {
    const session = this.#session;
    const path = treePath(source, entry.name);
    const answer = hashFile(session, source.tree, path, entry.size, this.#reading);
    const store = (digest: ByteString | null): FileEntry => {
      extraOf(entry).checksum = digest ?? "\0".repeat(session.listHashLength);
      return entry;
    };
    return answer instanceof Promise ? answer.then(store) : store(answer);
  }

  async #withTarget(source: Source, entry: FileEntry): Promise<FileEntry | null> {
    try {
      const answer = source.tree.readLink(treePath(source, entry.name));
      const target = answer instanceof Promise ? await answer : answer;
      if (target === "") throw new TypeError("readLink: expected a target");
      extraOf(entry).linkTarget = this.#session.options.mungeLinks ? unmunge(target) : target;
      return entry;
    } catch (error) {
      this.#session.addIoError(IoError.General);
      this.#session.notice(
        "transfer-error",
        `rsync: [sender] readlink_stat(${source.describe(entry.name)}) failed: ${reason(error)}`,
      );
      return null;
    }
  }
}
