/**
 * The generator: walks the file list, compares each entry with the destination, makes what it can make by itself and asks
 * the sender for the rest. Spec: docs/protocol/3-transfer.md, 3; ends of phases: 1-session.md, 7.2.
 * @module
 */
import {
  EntryFlag,
  type FileEntry,
  type FileList,
  indexAt,
  isDirectory,
  isRegular,
  isSymlink,
} from "@tsrsync/protocol/file-list";
import { writeDeletionCounters } from "@tsrsync/protocol/item";
import { type ByteString, NDX_DEL_STATS } from "@tsrsync/protocol/wire";
import type { DestinationFilter } from "../filter/destination-filter.js";
import { localPath } from "../receiver/destination.js";
import { tellSuccess } from "../receiver/finish-file.js";
import type { ListReceiver } from "../receiver/receive-list.js";
import type { Workspace } from "../receiver/workspace.js";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { Awaitable, FileStat } from "../tree/file-tree.js";
import { reason } from "../tree/system-error.js";
import { isLinkedToAlternate } from "./alternate-match.js";
import { isBareParent, makeBareParent, makeMissingParents } from "./bare-parent.js";
import { type GeneratorContext, liesBelow } from "./context.js";
import { ExtraDeletion } from "./delete-extra.js";
import { attributeDifferences, sameTime } from "./differences.js";
import { finishDirectories, generateDirectory, prepareDirectory } from "./directory.js";
import { FuzzySearch } from "./fuzzy-search.js";
import type { HardLinkGroup } from "./hard-link-groups.js";
import { HardLinks } from "./hard-links.js";
import { type KeptDirectory, throughKeptLink } from "./kept-link.js";
import { passesQuickCheck } from "./quick-check.js";
import {
  generateRegularFile,
  type ItemOutcome,
  type ItemWork,
  requestAgain,
} from "./regular-file.js";
import { Remover } from "./remove.js";
import { generateSpecialItem } from "./special-item.js";
import { tellExisting } from "./tell-existing.js";

/** The clock is looked at every so many entries. */
const CLOCK_STRIDE = 32;

/** So many entries are known before hard links among them are dealt with (spec 2-file-list, 2.11.3). */
const LINK_HORIZON = 500;

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

export class Generator {
  readonly #session: Session;
  readonly #context: GeneratorContext;
  readonly #remover: Remover;
  readonly #deletion: ExtraDeletion | null;
  /** How many lists are done with, and how many of them were closed. */
  #generated = 0;
  #closed = 0;
  #current: FileList | null = null;
  readonly #directories: { entry: FileEntry; path: ByteString }[] = [];
  /** The receiver shares the thread. */
  readonly #turn = new Turn(TURN_MS);

  constructor(workspace: Workspace, list: ListReceiver, filter: DestinationFilter | null) {
    const { session, destination, phases } = workspace;
    this.#session = session;
    this.#context = {
      session,
      workspace,
      destination,
      list,
      lists: list.lists,
      phases,
      filter,
      hardLinks: null,
      fuzzy: null,
      failedDirectories: new Set(),
      imaginedDirectories: new Set(),
    };
    if (session.options.fuzzy > 0 && session.protocol >= 29) {
      this.#context.fuzzy = new FuzzySearch(this.#context);
    }
    this.#remover = new Remover(workspace, filter);
    if (session.options.hardLinks) {
      this.#context.hardLinks = new HardLinks(this.#context, this.#remover, (ndx, entry, group) =>
        this.#entry(ndx, entry, group),
      );
    }
    this.#deletion =
      session.options.delete === "none" ? null : new ExtraDeletion(this.#context, this.#remover);
  }

  /** Does all of the generator's work, from the first request to the last end of phase. */
  async run(): Promise<void> {
    const timing = this.#session.options.delete;
    if (timing === "before") await this.#deleteEverywhere();
    for (let list = await this.#nextList(); list !== null; list = await this.#nextList()) {
      await this.#generateList(list);
      this.#generated++;
      this.#context.phases.decided(list.firstIndex + list.entries.length);
    }
    await this.#endPhases();
  }

  async #generateList(list: FileList): Promise<void> {
    this.#current = list;
    const incremental = this.#session.isIncremental;
    if (incremental) await this.#directoryOf(list);
    this.#context.hardLinks?.learn();
    for (let i = 0; i < list.entries.length; i++) {
      const entry = list.entries[i]!;
      const handled =
        incremental && isDirectory(entry)
          ? this.#prepareDirectory(entry)
          : this.#item(indexAt(list, i), entry);
      if (handled instanceof Promise) await handled;
      if (i % CLOCK_STRIDE === 0 && this.#turn.isOver) await this.#yieldTurn();
    }
  }

  /** With incremental recursion a directory is dealt with when its own list starts, under the index before that list. */
  async #directoryOf(list: FileList): Promise<void> {
    const { directories } = this.#context.lists;
    const { parentDirIndex } = list;
    const first = list.entries[0];
    const directory = parentDirIndex === null ? first : directories[parentDirIndex];
    if (directory === undefined || (parentDirIndex === null && directory.name !== ".")) return;
    await this.#entry(list.firstIndex - 1, directory, null);
  }

  /** A directory met in its parent's list is only made if it is missing: the parent can be given its time for good. */
  async #prepareDirectory(entry: FileEntry): Promise<void> {
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

  /** The next list to work on, once it is here; `null` after the last one. */
  async #nextList(): Promise<FileList | null> {
    const { lists, list, phases } = this.#context;
    for (;;) {
      const seen = phases.changeCount;
      await this.#closeLists();
      const next = lists.lists[this.#generated - lists.freedCount];
      if (next !== undefined && this.#sees(list)) return next;
      if (next === undefined && list.isComplete) return null;
      this.#session.output.flush();
      await phases.change(seen);
    }
  }

  /** To know more of the names of an item, some lists are awaited. A sender has more of them on the way than these. */
  #sees({ lists, isComplete }: ListReceiver): boolean {
    return this.#context.hardLinks === null || isComplete || lists.entryCount >= LINK_HORIZON;
  }

  /** Asks again for what failed, and closes the oldest lists of which nothing is missing any more. */
  async #closeLists(): Promise<void> {
    const { lists, phases } = this.#context;
    await this.#attendResults();
    if (!this.#session.isIncremental) return;
    // The last list is closed by the end of the first phase.
    while (this.#closed < this.#generated && this.#hasListAfter(this.#closed)) {
      const oldest = lists.lists[this.#closed - lists.freedCount];
      if (oldest !== undefined && !phases.isSettled(oldest)) return;
      this.#session.writeDone();
      this.#closed++;
    }
  }

  #hasListAfter(place: number): boolean {
    const { lists } = this.#context;
    return place + 1 < lists.freedCount + lists.lists.length;
  }

  async #yieldTurn(): Promise<void> {
    this.#session.output.flush();
    await this.#session.output.drained();
    await this.#turn.pass();
  }

  #item(ndx: number, entry: FileEntry): Awaitable<unknown> {
    const { hardLinks } = this.#context;
    const group = hardLinks === null ? null : hardLinks.groupOf(entry);
    return group === null ? this.#entry(ndx, entry, null) : hardLinks!.take(ndx, entry, group);
  }

  /** Deals with one entry; no promise is made for one that is up to date. */
  #entry(ndx: number, entry: FileEntry, group: HardLinkGroup | null): Awaitable<ItemOutcome> {
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
      stat = destination.tree.stat(path);
    } catch (error) {
      return this.#statFailed(path, error);
    }
    if (stat instanceof Promise) return this.#entryLater(ndx, entry, path, stat, group);
    if (stat !== null && this.#isUntouched(entry, stat) && this.#isInGroup(group, stat)) {
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
    const isDeparting = await this.#isDeparting(work);
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

  /** The common case of a run in which nothing changed, decided without a promise. */
  #isUntouched(entry: FileEntry, stat: FileStat): boolean {
    const { options } = this.#session;
    if (options.checksum || options.ignoreTimes || options.sizeOnly || options.reportUnchanged)
      return false;
    if (options.acls || options.xattrs > 0) return false;
    if (options.changesFinalModes) return false;
    if (options.partialDir !== null || options.removeSource === "all") return false;
    if (options.ignoreExisting) return false;
    if (!isRegular(entry) || (stat.mode & S_IFMT) !== S_IFREG || entry.size !== stat.size)
      return false;
    if (!sameTime(entry, stat.mtime, stat.mtimeNs, options.modifyWindow)) return false;
    const { destination } = this.#context;
    if (attributeDifferences(entry, stat, options, destination.privileges, false) !== 0)
      return false;
    if (options.alternateKind === null || options.alternateKind === "copy") return true;
    if (options.alternateKind === "compare") return false;
    return isLinkedToAlternate(destination, localPath(destination, entry), stat);
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
    return !isDirectory(entry) || (stat.mode & S_IFMT) !== 0o040000;
  }

  async #directory(
    ndx: number,
    entry: FileEntry,
    path: ByteString,
    stat: FileStat | null,
  ): Promise<void> {
    const usable = await generateDirectory(this.#context, this.#remover, ndx, entry, path, stat);
    if (!usable) return;
    if (!this.#session.options.dryRun) this.#directories.push({ entry, path });
    const timing = this.#session.options.delete;
    const now = timing === "during" || timing === "delay";
    if (now && stat !== null && (entry.flags & EntryFlag.ContentDir) !== 0) {
      await this.#deletion?.inDirectory(entry, timing === "delay", this.#current);
    }
  }

  async #deleteEverywhere(): Promise<void> {
    for (const entry of this.#context.lists.directories) {
      const relevant = entry.flags & (EntryFlag.ContentDir | EntryFlag.Dropped);
      if (relevant === EntryFlag.ContentDir) await this.#deletion?.inDirectory(entry, false, null);
    }
  }

  async #endPhases(): Promise<void> {
    const { session, phases } = this.#context;
    const { delete: timing } = session.options;
    const late = timing === "after" || timing === "delay";
    phases.decided(Number.POSITIVE_INFINITY);
    if (session.isIncremental) await this.#settleAll();
    session.writeDone();
    session.output.flush();
    await this.#attendUntil(1);
    await this.#settleLinks();
    this.#context.hardLinks?.askNoMore();
    session.writeDone();
    session.output.flush();
    // Links to files that get into their places only now must be told before the next end.
    const { hardLinks } = this.#context;
    if (session.options.delayUpdates || hardLinks?.areAwaited) await this.#attendUntil(2);
    if (session.protocol >= 29) session.writeDone();
    if (session.protocol >= 31 && !late) this.#endDeletions();
    session.output.flush();
    await phases.until(session.protocol >= 29 ? 3 : 2);
    if (late) {
      if (timing === "after") await this.#deleteEverywhere();
      else await this.#deletion?.carryOut();
      if (session.protocol >= 31) this.#endDeletions();
    }
    await finishDirectories(this.#context, this.#directories);
    this.#reportLimit();
    session.output.flush();
    if (session.protocol >= 31) await phases.until(4);
    session.closing = true;
    session.writeDone();
    await session.output.finish();
  }

  /** Waits until all that was asked for has come, and closes all lists but the last. */
  async #settleAll(): Promise<void> {
    const { lists, phases } = this.#context;
    for (;;) {
      const seen = phases.changeCount;
      await this.#closeLists();
      const last = lists.lists.at(-1);
      if (!this.#hasListAfter(this.#closed) && (last === undefined || phases.isSettled(last)))
        return;
      this.#session.output.flush();
      await phases.change(seen);
    }
  }

  /** Deals with what comes until the sender has answered so many ends of phases. */
  async #attendUntil(count: number): Promise<void> {
    const { phases } = this.#context;
    while (phases.answered < count) {
      const seen = phases.changeCount;
      await this.#attendResults();
      this.#session.output.flush();
      if (phases.answered < count) await phases.change(seen);
    }
    await this.#attendResults();
  }

  /** The last moment at which other names of files that did not come can be asked for. */
  async #settleLinks(): Promise<void> {
    const { phases, session } = this.#context;
    // Before protocol 30 nobody says that an answer will not come.
    while (session.protocol >= 30 && phases.isAnyAsked) {
      const seen = phases.changeCount;
      await this.#attendResults();
      session.output.flush();
      if (phases.isAnyAsked) await phases.change(seen);
    }
  }

  /** Asks again for what failed, and links other names of what has come. */
  async #attendResults(): Promise<void> {
    await this.#redoFailed();
    await this.#context.hardLinks?.attend();
  }

  /** Asks again for files that failed their verification. */
  async #redoFailed(): Promise<void> {
    const { phases, lists, destination } = this.#context;
    for (let ndx = phases.redo.shift(); ndx !== undefined; ndx = phases.redo.shift()) {
      const entry = lists.entryAt(ndx);
      const path = localPath(destination, entry);
      await requestAgain(this.#context, ndx, entry, path);
      this.#session.output.flush();
    }
  }

  #endDeletions(): void {
    const session = this.#session;
    if (this.#deletion !== null || session.options.force) {
      session.writeMark(NDX_DEL_STATS);
      writeDeletionCounters(session.output.writer, session.statistics.deleted);
    }
    session.writeDone();
  }

  #reportLimit(): void {
    const { skipped } = this.#remover;
    if (skipped === 0) return;
    this.#session.notice(
      "error",
      `Deletions stopped due to --max-delete limit (${skipped} skipped)`,
    );
  }
}
