/**
 * Prints what a run has to tell, as rsync prints it: names and numbers on stdout, trouble on stderr.
 * @module
 */
import type { ResolvedSettings } from "@tsrsync/protocol/arguments";
import type { FileEntry, FileList, FileListSet } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  backupDirectoryText,
  type DeletionEvent,
  digitSeparator,
  entryLine,
  type ItemEvent,
  type NotBatchedEvent,
  type NoticeEvent,
  type NumberStyle,
  type ProgressEvent,
  type SkipEvent,
  skipText,
  type TransferObserver,
  type TransferStatistics,
} from "@tsrsync/transfer";
import {
  compileOutFormat,
  deletionEvent,
  deletionLine,
  deletionLineKind,
  type EscapeStyle,
  ITEMIZE_FORMAT,
  itemLine,
  type ListTravel,
  listEnd,
  listStart,
  messageBytes,
  NAME_FORMAT,
  type NamePolicy,
  type OutFormat,
  type ItemEvent as PrintedItem,
  ProgressMeter,
  type ProgressTally,
  type RunKind,
  statisticsLines,
  summaryLines,
  terminalEscapeStyle,
} from "../output/index.js";

/** Where lines go to. */
export interface OutputStreams {
  stdout: { write(bytes: Uint8Array): unknown };
  stderr: { write(bytes: Uint8Array): unknown };
}

/** What the reporter must know of the run. */
export interface ReportedRun {
  settings: ResolvedSettings;
  /** We are the sender. */
  sending: boolean;
  /** A copy on this machine. */
  local: boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

export class Reporter implements TransferObserver {
  readonly #settings: ResolvedSettings;
  readonly #streams: OutputStreams;
  readonly #style: EscapeStyle;
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
  /** Lines on their way to stdout: many small writes cost more than all the rest of a verbose run. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(run: ReportedRun, streams: OutputStreams) {
    const { settings, environment, sending, local } = run;
    this.#settings = settings;
    this.#streams = streams;
    this.#style = terminalEscapeStyle(environment, settings.eightBitOutput);
    const separator = digitSeparator(environment);
    this.#numbers = { humanLevel: settings.humanReadable, separator };
    const { levels } = settings.infoLevels;
    const text =
      settings.outFormat ??
      (settings.itemize > 0 ? ITEMIZE_FORMAT : levels.NAME > 0 ? NAME_FORMAT : null);
    this.#format =
      text === null || text === ""
        ? null
        : compileOutFormat(text, {
            local,
            preserveTimes: settings.times,
            separator,
            processId: process.pid,
            now: () => Math.floor(Date.now() / 1000),
            checksumDigits: 32,
            daemon: null,
          });
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
    this.#text(listStart(this.#travel));
  }

  list({ entries }: FileList): void {
    for (const { size } of entries) this.#totalSize += size;
  }

  fileList(lists: FileListSet): void {
    this.#text(listEnd(this.#travel, lists.entryCount));
  }

  listed(entry: FileEntry): void {
    this.line(entryLine(entry, this.#numbers, this.#settings.links));
  }

  item(event: ItemEvent): void {
    const printed = this.#printed(event);
    if (this.#format === null || itemLine(printed, this.#policy) === "none") return;
    this.line(this.#format.format(printed));
  }

  deleted({ path, isDirectory }: DeletionEvent): void {
    const event = deletionEvent(path, isDirectory ? 0o040000 : 0o100000, this.#settings.group);
    switch (deletionLineKind(this.#policy)) {
      case "format":
        if (this.#format !== null) this.line(this.#format.format(event));
        break;
      case "deleting":
        this.line(deletionLine(event));
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

  notice({ level, text }: NoticeEvent): void {
    if (level === "info") {
      this.#text(text);
      return;
    }
    this.flush();
    this.#closeProgress();
    this.#streams.stderr.write(messageBytes(text, this.#style));
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
    this.#text(event.done ? meter.endFile(this.#tally) : meter.update(event.position));
    if (event.done) this.#current = null;
  }

  /** The last lines of a run: statistics and summary. */
  end(statistics: TransferStatistics, protocol: number): void {
    if (this.#meter !== null) this.#text(this.#meter.endTransfer(this.#tally));
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
    this.flush();
  }

  #kind(): RunKind {
    if (this.#settings.batchMode === "only-write") return "batch-only";
    return this.#settings.dryRun ? "dry-run" : "normal";
  }

  /** One line of information. */
  line(text: ByteString): void {
    this.#text(`${text}\n`);
  }

  /** One line of trouble. */
  errorLine(text: ByteString): void {
    this.notice({ level: "error", text: `${text}\n`, remote: false });
  }

  /** Hands over what was collected. */
  flush(): void {
    if (this.#pendingBytes === 0) return;
    this.#streams.stdout.write(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #lines(lines: readonly string[]): void {
    for (const text of lines) this.line(text);
  }

  #closeProgress(): void {
    const rest = this.#meter?.closeLine() ?? "";
    if (rest !== "") this.#streams.stdout.write(Buffer.from(rest, "latin1"));
  }

  #text(text: ByteString): void {
    if (text === "" || this.#settings.quiet > 0) return;
    const bytes = messageBytes(text, this.#style);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > FLUSH_BYTES) this.flush();
    else if (this.#pending.length === 1) setImmediate(() => this.flush());
  }

  #printed(event: ItemEvent): PrintedItem {
    const { entry, flags, xname, outgoing } = event;
    return {
      itemFlags: flags,
      name: entry.name,
      mode: entry.mode,
      size: entry.size,
      mtime: entry.mtime,
      uid: entry.uid,
      gid: this.#settings.group ? entry.gid : null,
      linkTarget: entry.extra?.linkTarget ?? null,
      xname,
      outgoing,
      deleted: false,
      changesUnknown: event.changesUnknown,
      directory: "",
      transferBytes: 0,
      sumBytes: 0,
      checksum: null,
    };
  }
}

const FLUSH_BYTES = 32 << 10;
