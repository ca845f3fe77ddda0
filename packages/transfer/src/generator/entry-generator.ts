/**
 * The generator's work on one entry: what kind of thing is it, may it be touched, and who deals with it (spec 3-transfer, 3).
 * @module
 */
import {
  EntryFlag,
  type FileEntry,
  type FileList,
  isDirectory,
  isDirectoryMode,
  isRegular,
  isSymlink,
} from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import { localPath } from "../receiver/destination.js";
import { tellSuccess } from "../receiver/finish-file.js";
import type { Session } from "../session/session.js";
import type { Awaitable, FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { isBareParent, makeBareParent, makeMissingParents } from "./bare-parent.js";
import { type GeneratorContext, liesBelow } from "./context.js";
import type { ExtraDeletion } from "./delete-extra.js";
import { generateDirectory, prepareDirectory } from "./directory.js";
import type { HardLinkGroup } from "./hard-link-groups.js";
import { type KeptDirectory, throughKeptLink } from "./kept-link.js";
import { passesQuickCheck } from "./quick-check.js";
import { generateRegularFile, type ItemOutcome, type ItemWork } from "./regular-file.js";
import type { Remover } from "./remove.js";
import { generateSpecialItem } from "./special-item.js";
import { tellExisting } from "./tell-existing.js";
import { isUntouched } from "./untouched.js";

/** What is missing will be made, by the generator or by the receiver. */
const MAY_LAG = { mayLag: true };

export class EntryGenerator {
  /** Directories that get their times at the end, in the order in which they were dealt with. */
  readonly directories: { entry: FileEntry; path: ByteString }[] = [];

  readonly #session: Session;
  readonly #context: GeneratorContext;
  readonly #remover: Remover;
  readonly #deletion: ExtraDeletion | null;
  #list: FileList | null = null;

  constructor(context: GeneratorContext, remover: Remover, deletion: ExtraDeletion | null) {
    this.#session = context.session;
    this.#context = context;
    this.#remover = remover;
    this.#deletion = deletion;
  }

  /** The entries that follow are those of `list`. */
  begin(list: FileList): void {
    this.#list = list;
  }

  /** A directory met in its parent's list is only made if it is missing: the parent can be given its time for good. */
  async prepareDirectory(entry: FileEntry): Promise<void> {
    const { session, failedDirectories, filter, destination } = this.#context;
    const { dryRun, ignoreNonExisting, listOnly, times, omitDirTimes } = session.options;
    if (!times || omitDirTimes) return;
    if (entry.name === "." || dryRun || ignoreNonExisting || listOnly) return;
    if (entry.flags & EntryFlag.Dropped || liesBelow(entry, failedDirectories)) return;
    const path = localPath(destination, entry);
    if (filter?.refuses(path, true)) return;
    if (isBareParent(session.options, entry)) await makeBareParent(this.#context, entry, path);
    else await prepareDirectory(this.#context, entry, path);
  }

  /** Deals with the entry of an index, and with other names of the same item. */
  item(ndx: number, entry: FileEntry): Awaitable<unknown> {
    const { hardLinks } = this.#context;
    const group = hardLinks === null ? null : hardLinks.groupOf(entry);
    return group === null ? this.entry(ndx, entry, null) : hardLinks!.take(ndx, entry, group);
  }

  /** Deals with one entry; no promise is made for one that is up to date. */
  entry(ndx: number, entry: FileEntry, group: HardLinkGroup | null): Awaitable<ItemOutcome> {
    const { session, destination, filter, failedDirectories, imaginedDirectories } = this.#context;
    if (entry.flags & EntryFlag.Dropped) return "skipped";
    if (session.options.listOnly) {
      session.observer.listed?.(entry);
      return "skipped";
    }
    if (liesBelow(entry, failedDirectories)) return "skipped";
    const path = localPath(destination, entry);
    if (filter?.refuses(path, isDirectory(entry))) return this.#refuse(entry);
    if (liesBelow(entry, imaginedDirectories))
      return this.#handle({ ndx, entry, path, present: null }, group);
    if (session.options.keepDirlinks && isDirectory(entry)) {
      return this.#keptDirectory(ndx, entry, path);
    }
    let stat: Awaitable<FileStat | null>;
    try {
      stat = destination.tree.stat(path, MAY_LAG);
    } catch (error) {
      return this.#statFailed(path, error);
    }
    if (stat instanceof Promise) return this.#entryLater(ndx, entry, path, stat, group);
    if (stat !== null && isUntouched(this.#context, entry, stat) && this.#isInGroup(group, stat)) {
      return "finished";
    }
    const work = { ndx, entry, path, present: stat };
    if (stat === null && this.#mayLackParents(entry)) {
      return makeMissingParents(this.#context, path).then(() => this.#handle(work, group));
    }
    return this.#handle(work, group);
  }

  /** Before protocol 30 parents are not in the list with `--no-implied-dirs`. */
  #mayLackParents({ name }: FileEntry): boolean {
    const { options, protocol } = this.#session;
    return protocol < 30 && options.relative && !options.impliedDirs && name.includes("/");
  }

  /** A daemon takes no item that it hides. */
  #refuse(entry: FileEntry): "skipped" {
    const { session, failedDirectories } = this.#context;
    const kind = isDirectory(entry) ? "directory" : "file";
    session.notice("transfer-error", `ERROR: daemon refused to receive ${kind} "${entry.name}"`);
    if (!isDirectory(entry)) return "skipped";
    session.notice("error", "*** Skipping any contents from this failed directory ***");
    failedDirectories.add(entry.name);
    return "skipped";
  }

  async #entryLater(
    ndx: number,
    entry: FileEntry,
    path: ByteString,
    pending: Promise<FileStat | null>,
    group: HardLinkGroup | null,
  ): Promise<ItemOutcome> {
    let stat: FileStat | null;
    try {
      stat = await pending;
    } catch (error) {
      return this.#statFailed(path, error);
    }
    return this.#handle({ ndx, entry, path, present: stat }, group);
  }

  /** A directory whose place a link may take. */
  async #keptDirectory(ndx: number, entry: FileEntry, path: ByteString): Promise<ItemOutcome> {
    let kept: KeptDirectory | null;
    try {
      kept = await throughKeptLink(this.#context.destination.tree, path);
    } catch (error) {
      return this.#statFailed(path, error);
    }
    if (kept === null) return "skipped";
    return this.#handle({ ndx, entry, path: kept.path, present: kept.stat }, null);
  }

  #statFailed(path: ByteString, error: unknown): "skipped" {
    const { session, destination } = this.#context;
    const text = `recv_generator: failed to stat ${destination.describe(path)}: ${reason(error)}`;
    session.notice("transfer-error", `rsync: [generator] ${text}`);
    return "skipped";
  }

  #isInGroup(group: HardLinkGroup | null, stat: FileStat): boolean {
    return group === null || this.#context.hardLinks!.isInGroup(group, stat);
  }

  async #handle(
    { ndx, entry, path, present }: Omit<ItemWork, "mayDefer">,
    group: HardLinkGroup | null,
  ): Promise<ItemOutcome> {
    if (entry.mode === 0) {
      if (present !== null) await this.#remover.removeMissing(path, present.mode);
      return "skipped";
    }
    if (this.#isExempt(entry, path, present)) return "skipped";
    if (this.#leavesExisting(entry, present)) {
      const { tree } = this.#context.destination;
      await tellExisting(this.#context, entry, { tree, path, stat: present! });
      return "skipped";
    }
    if (isBareParent(this.#session.options, entry)) {
      await makeBareParent(this.#context, entry, path);
      return "finished";
    }
    if (isDirectory(entry)) {
      await this.#directory(ndx, entry, path, present);
      return "finished";
    }
    if (group !== null) {
      const followed = await this.#context.hardLinks!.follow(ndx, entry, group);
      if (followed !== null) return followed;
    }
    const work = { ndx, entry, path, present, mayDefer: (group?.leftCount ?? 0) > 0 };
    const { removeSource } = this.#session.options;
    const isDeparting = removeSource !== "none" && (await this.#isDeparting(work));
    const generate = isRegular(entry) ? generateRegularFile : generateSpecialItem;
    const outcome = await generate(this.#context, this.#remover, work);
    if (isDeparting && outcome === "finished") tellSuccess(this.#context.workspace, ndx);
    return outcome;
  }

  /** Whether the sender removes its own even if no data of it is wanted: `--remove-sent-files` means new links only. */
  async #isDeparting({ entry, path, present }: ItemWork): Promise<boolean> {
    const { removeSource } = this.#session.options;
    if (removeSource !== "sent" || !isSymlink(entry)) return removeSource === "all";
    if (present === null) return true;
    const { tree } = this.#context.destination;
    return !(await passesQuickCheck(this.#session, entry, { tree, path, stat: present }));
  }

  /** `--existing`. */
  #isExempt(entry: FileEntry, path: ByteString, stat: FileStat | null): boolean {
    const { options, observer } = this.#session;
    if (stat === null && options.ignoreNonExisting) {
      if (isDirectory(entry)) this.#context.failedDirectories.add(entry.name);
      observer.skipped?.({ path, why: isDirectory(entry) ? "no such directory" : "not there" });
      return true;
    }
    return false;
  }

  /** `--ignore-existing`. */
  #leavesExisting(entry: FileEntry, stat: FileStat | null): boolean {
    if (stat === null || !this.#session.options.ignoreExisting) return false;
    return !isDirectory(entry) || !isDirectoryMode(stat.mode);
  }

  async #directory(
    ndx: number,
    entry: FileEntry,
    path: ByteString,
    stat: FileStat | null,
  ): Promise<void> {
    const usable = await generateDirectory(this.#context, this.#remover, ndx, entry, path, stat);
    if (!usable) return;
    if (!this.#session.options.dryRun) this.directories.push({ entry, path });
    const timing = this.#session.options.delete;
    const now = timing === "during" || timing === "delay";
    if (now && stat !== null && (entry.flags & EntryFlag.ContentDir) !== 0) {
      await this.#deletion?.inDirectory(entry, timing === "delay", this.#list);
    }
  }
}
