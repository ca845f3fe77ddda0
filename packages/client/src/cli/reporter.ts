/**
 * Prints what a run has to tell, as rsync prints it: names and numbers on stdout, trouble on stderr.
 * @module
 */
import { ExitCode } from "@tsrsync/protocol";
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import type { FileEntry, FileList, FileListSet } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  backupDirectoryText,
  compileOutFormat,
  type DeletionEvent,
  deletionEvent,
  deletionLine,
  deletionLineKind,
  digitSeparator,
  entryLine,
  ITEMIZE_FORMAT,
  type ItemEvent,
  itemLine,
  NAME_FORMAT,
  type NamePolicy,
  type NotBatchedEvent,
  type NoticeEvent,
  type NumberStyle,
  type OutFormat,
  type ProgressEvent,
  printedItem,
  type SessionLog,
  type SkipEvent,
  skipText,
  type TransferObserver,
  type TransferStatistics,
} from "@tsrsync/transfer";
import {
  type ListTravel,
  listEnd,
  listStart,
  ProgressMeter,
  type ProgressTally,
  type RunKind,
  statisticsLines,
  summaryLines,
  terminalEscapeStyle,
} from "../output/index.js";
import { LineWriter, type OutputStreams } from "./line-writer.js";

/** What the reporter must know of the run. */
export interface ReportedRun {
  settings: ResolvedSettings;
  /** We are the sender. */
  sending: boolean;
  /** A copy on this machine. */
  local: boolean;
  environment: Readonly<Record<string, string | undefined>>;
  log: SessionLog | null;
}

/** How a run ended. */
export interface RunEnd {
  protocol: number;
  exitCode: ExitCode;
}

export class Reporter implements TransferObserver {
  readonly #settings: ResolvedSettings;
  readonly #out: LineWriter;
  readonly #log: SessionLog | null;
  readonly #numbers: NumberStyle;
  readonly #format: OutFormat | null;
  readonly #policy: NamePolicy;
  readonly #travel: ListTravel;
  readonly #meter: ProgressMeter | null;
  #current: FileEntry | null = null;
  #tally: ProgressTally = {
    transferredCount: 0,
    toCheckCount: 0,
    entryCount: 0,
    listComplete: true,
  };
  #totalSize = 0;
  readonly #startedMs = performance.now();
  readonly needsCost: boolean;

  constructor(run: ReportedRun, streams: OutputStreams) {
    const { settings, environment, sending, local, log } = run;
    this.#settings = settings;
    this.#log = log;
    const escapes = terminalEscapeStyle(environment, settings.eightBitOutput);
    this.#out = new LineWriter(streams, { escapes, quiet: settings.quiet > 0 }, log);
    const separator = digitSeparator(environment);
    this.#numbers = { humanLevel: settings.humanReadable, separator };
    const { levels } = settings.infoLevels;
    const text =
      settings.outFormat ??
      (settings.itemize > 0 ? ITEMIZE_FORMAT : levels.NAME > 0 ? NAME_FORMAT : null);
    this.#format =
      text === null
        ? null
        : compileOutFormat(text, {
            local,
            preserveTimes: settings.times,
            separator,
            processId: process.pid,
            now: () => Math.floor(Date.now() / 1000),
            daemon: null,
          });
    this.needsCost = (this.#format?.isLate ?? false) || (log?.needsCost ?? false);
    this.#policy = {
      hasFormat: text !== null,
      hasItemize: this.#format?.hasItemize ?? false,
      hasOperation: this.#format?.hasOperation ?? false,
      everyItem: settings.itemize > 1,
      nameLevel: levels.NAME,
      deleteLevel: levels.DEL,
    };
    this.#travel = {
      sending,
      incremental: false,
      descending: settings.recursive > 0 || settings.dirs > 0,
      listLevel: settings.listOnly > 0 && !sending ? Math.min(levels.FLIST, 1) : levels.FLIST,
    };
    this.#meter =
      levels.PROGRESS > 0 && !settings.dryRun
        ? new ProgressMeter({
            wholeTransfer: levels.PROGRESS > 1,
            numbers: this.#numbers,
            nowMs: () => performance.now(),
          })
        : null;
  }

  begin(incremental: boolean): void {
    this.#travel.incremental = incremental;
    this.#log?.begin();
    this.#out.screen(listStart(this.#travel));
  }

  list({ entries }: FileList): void {
    for (const { size } of entries) this.#totalSize += size;
  }

  fileList(lists: FileListSet): void {
    this.#out.screen(listEnd(this.#travel, lists.entryCount));
  }

  listed(entry: FileEntry): void {
    this.line(entryLine(entry, this.#numbers, this.#settings.links));
  }

  item(event: ItemEvent): void {
    this.#log?.item(event);
    if (this.#format === null) return;
    const printed = printedItem(event, { groups: this.#settings.group });
    if (itemLine(printed, this.#policy) === "none") return;
    this.#name(this.#format.format(printed));
  }

  deleted(deletion: DeletionEvent): void {
    this.#log?.deleted(deletion);
    const event = deletionEvent(deletion, this.#settings.group);
    switch (deletionLineKind(this.#policy)) {
      case "format":
        if (this.#format !== null) this.#name(this.#format.format(event));
        break;
      case "deleting":
        this.#name(deletionLine(event));
        break;
      case "none":
        break;
    }
  }

  skipped(event: SkipEvent): void {
    const { SKIP, NAME } = this.#settings.infoLevels.levels;
    if ((event.why.startsWith("unsafe") ? NAME : SKIP) === 0) return;
    this.line(skipText(event));
  }

  backedUp({ path, backup }: { path: ByteString; backup: ByteString }): void {
    if (this.#settings.infoLevels.levels.BACKUP === 0) return;
    this.line(`backed up ${path} to ${backup}`);
  }

  backupDirectory({ path, isNew }: { path: ByteString; isNew: boolean }): void {
    if (this.#settings.infoLevels.levels.BACKUP > 0) this.line(backupDirectoryText(path, isNew));
  }

  removedSource(path: ByteString): void {
    if (this.#settings.infoLevels.levels.REMOVE > 0) this.line(`sender removed ${path}`);
  }

  notBatched({ path }: NotBatchedEvent): void {
    if (this.#policy.nameLevel > 0 || this.#policy.hasItemize)
      this.line(`(Skipping batched update for "${path}")`);
  }

  createdDestination(path: ByteString): void {
    if (this.#policy.nameLevel > 0 || this.#policy.hasItemize)
      this.line(`created directory ${path}`);
  }

  notice({ level, text, isName }: NoticeEvent): void {
    if (level === "info") this.#out[isName ? "screen" : "info"](text);
    else this.#out.trouble(text, this.#meter?.closeLine() ?? "");
  }

  progress(event: ProgressEvent): void {
    const meter = this.#meter;
    if (meter === null) return;
    if (event.entry !== this.#current) {
      this.#current = event.entry;
      meter.beginFile(event.entry.size, this.#totalSize);
    }
    this.#tally = {
      transferredCount: event.transferredFiles,
      toCheckCount: event.entriesLeft,
      entryCount: event.entriesTotal,
      listComplete: event.listComplete,
    };
    this.#out.screen(event.done ? meter.endFile(this.#tally) : meter.update(event.position));
    if (event.done) this.#current = null;
  }

  /** The last lines of a run: statistics and summary. */
  end(statistics: TransferStatistics, { protocol, exitCode }: RunEnd): void {
    if (this.#meter !== null) this.#out.screen(this.#meter.endTransfer(this.#tally));
    const level = this.#settings.infoLevels.levels.STATS;
    const block = level > 1 || this.#settings.stats;
    if (block || level > 0) {
      const printed = {
        ...statistics,
        created: protocol >= 29 ? statistics.created : null,
        deleted:
          protocol >= 31 ? { ...statistics.deleted, regular: statistics.deleted.files } : null,
        transferredCount: statistics.transferredFiles,
        elapsedMs: performance.now() - this.#startedMs,
      };
      if (block) this.#lines(["", ...statisticsLines(printed, this.#numbers)]);
      this.#lines(["", ...summaryLines(printed, this.#numbers, this.#kind())]);
    }
    if (exitCode !== ExitCode.Ok || !(block || level > 0)) {
      const { bytesSent, bytesReceived, totalSize } = statistics;
      this.#log?.totals(bytesSent, bytesReceived, totalSize);
    }
    this.flush();
  }

  #kind(): RunKind {
    if (this.#settings.batchMode === "only-write") return "batch-only";
    return this.#settings.dryRun ? "dry-run" : "normal";
  }

  /** One line of information. */
  line(text: ByteString): void {
    this.#out.info(`${text}\n`);
  }

  /** One line of trouble. */
  errorLine(text: ByteString): void {
    this.notice({ level: "error", text: `${text}\n`, remote: false });
  }

  /** Hands over what was collected. */
  flush(): void {
    this.#out.flush();
  }

  #name(text: ByteString): void {
    this.#out.screen(`${text}\n`);
  }

  #lines(lines: readonly string[]): void {
    for (const text of lines) this.line(text);
  }
}
