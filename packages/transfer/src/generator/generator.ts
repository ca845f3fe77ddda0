/**
 * The generator: walks the file list, compares each entry with the destination, makes what it can make by itself and asks
 * the sender for the rest. Spec: docs/protocol/3-transfer.md, 3; ends of phases: 1-session.md, 7.2.
 * @module
 */
import { EntryFlag, type FileList, indexAt, isDirectory } from "@tsrsync/protocol/file-list";
import { writeDeletionCounters } from "@tsrsync/protocol/item";
import { NDX_DEL_STATS } from "@tsrsync/protocol/wire";
import type { DestinationFilter } from "../filter/destination-filter.js";
import type { ListReceiver } from "../receiver/receive-list.js";
import type { Workspace } from "../receiver/workspace.js";
import type { Session } from "../session/session.js";
import { TURN_MS, Turn } from "../session/turn.js";
import type { GeneratorContext } from "./context.js";
import { ExtraDeletion } from "./delete-extra.js";
import { finishDirectories } from "./directory.js";
import { EntryGenerator } from "./entry-generator.js";
import { FuzzySearch } from "./fuzzy-search.js";
import { HardLinks } from "./hard-links.js";
import { ListProgress } from "./list-progress.js";
import { Remover } from "./remove.js";

/** The clock is looked at every so many entries. */
const CLOCK_STRIDE = 32;

export class Generator {
  readonly #session: Session;
  readonly #context: GeneratorContext;
  readonly #remover: Remover;
  readonly #deletion: ExtraDeletion | null;
  readonly #entries: EntryGenerator;
  readonly #progress: ListProgress;
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
    this.#deletion =
      session.options.delete === "none" ? null : new ExtraDeletion(this.#context, this.#remover);
    this.#entries = new EntryGenerator(this.#context, this.#remover, this.#deletion);
    this.#progress = new ListProgress(this.#context);
    if (session.options.hardLinks) {
      this.#context.hardLinks = new HardLinks(this.#context, this.#remover, (ndx, entry, group) =>
        this.#entries.entry(ndx, entry, group),
      );
    }
  }

  /** Does all of the generator's work, from the first request to the last end of phase. */
  async run(): Promise<void> {
    const timing = this.#session.options.delete;
    if (timing === "before") await this.#deleteEverywhere();
    const progress = this.#progress;
    for (let list = await progress.next(); list !== null; list = await progress.next()) {
      await this.#generateList(list);
      progress.generated(list);
    }
    await this.#endPhases();
  }

  async #generateList(list: FileList): Promise<void> {
    const entries = this.#entries;
    entries.begin(list);
    const incremental = this.#session.isIncremental;
    if (incremental) await this.#directoryOf(list);
    this.#context.hardLinks?.learn();
    for (let i = 0; i < list.entries.length; i++) {
      const entry = list.entries[i]!;
      const handled =
        incremental && isDirectory(entry)
          ? entries.prepareDirectory(entry)
          : entries.item(indexAt(list, i), entry);
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
    await this.#entries.entry(list.firstIndex - 1, directory, null);
  }

  async #yieldTurn(): Promise<void> {
    this.#session.output.flush();
    await this.#session.output.drained();
    await this.#turn.pass();
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
    if (session.isIncremental) await this.#progress.settleAll();
    session.writeDone();
    session.output.flush();
    await this.#progress.attendUntil(1);
    await this.#progress.settleLinks();
    this.#context.hardLinks?.askNoMore();
    session.writeDone();
    session.output.flush();
    // Links to files that get into their places only now must be told before the next end.
    const { hardLinks } = this.#context;
    if (session.options.delayUpdates || hardLinks?.areAwaited) await this.#progress.attendUntil(2);
    if (session.protocol >= 29) session.writeDone();
    if (session.protocol >= 31 && !late) this.#endDeletions();
    session.output.flush();
    await phases.until(session.protocol >= 29 ? 3 : 2);
    if (late) {
      if (timing === "after") await this.#deleteEverywhere();
      else await this.#deletion?.carryOut();
      if (session.protocol >= 31) this.#endDeletions();
    }
    await finishDirectories(this.#context, this.#entries.directories);
    this.#reportLimit();
    session.output.flush();
    if (session.protocol >= 31) await phases.until(4);
    session.closing = true;
    if (session.protocol >= 24) session.writeDone();
    await session.output.finish();
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
