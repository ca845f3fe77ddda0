/**
 * Progress lines. Spec: docs/protocol/4-command.md, 13.9.
 *
 *           3,000,000 100%  314.42MB/s    0:00:00 (xfr#1, to-chk=4/6)
 * @module
 */
import { formatBytes, type NumberStyle } from "@tsrsync/transfer";

/** What a meter needs to know of its surroundings. */
export interface ProgressSettings {
  /** `--info=progress2`: positions are of the whole transfer. */
  wholeTransfer: boolean;
  numbers: NumberStyle;
  /** Milliseconds since any fixed moment; never goes back. */
  nowMs(): number;
}

/** Where the run stands when a file ends. */
export interface ProgressTally {
  /** Files transferred so far, this one included. */
  transferredCount: number;
  /** Entries still to check. */
  toCheckCount: number;
  /** Entries known. */
  entryCount: number;
  /** The whole list is known: `to-chk`, else `ir-chk`. */
  listComplete: boolean;
}

interface Sample {
  atMs: number;
  position: number;
}

const INTERVAL_MS = 1000;
const WINDOW_MS = 5000;
const MAX_REMAINING_SECONDS = 9999 * 3600;

/**
 * Formats progress; what it returns goes to stdout as it is, CR and LF included. Empty means that nothing is due.
 *
 * Call order: `beginFile`, any number of `update`, `endFile`, for each file; `endTransfer` once.
 */
export class ProgressMeter {
  readonly #settings: ProgressSettings;
  #started: Sample | null = null;
  #samples: Sample[] = [];
  #dueAtMs = 0;
  #finishedBytes = 0;
  #fileSize = 0;
  #total = 0;
  #lastText = "";

  constructor(settings: ProgressSettings) {
    this.#settings = settings;
  }

  /** Starts a file of `fileSize` bytes; `totalSize` is that of all files known so far. */
  beginFile(fileSize: number, totalSize: number): void {
    this.#fileSize = fileSize;
    const { wholeTransfer } = this.#settings;
    this.#total = wholeTransfer ? totalSize : fileSize;
    if (wholeTransfer && this.#started) return;
    const start = { atMs: this.#settings.nowMs(), position: 0 };
    this.#started = start;
    this.#samples = [start];
    this.#dueAtMs = start.atMs;
  }

  /** Says how much of the file has been handled. The first call is answered, later ones once a second. */
  update(filePosition: number): string {
    const nowMs = this.#settings.nowMs();
    if (nowMs < this.#dueAtMs) return "";
    this.#dueAtMs = nowMs + INTERVAL_MS;
    const here = { atMs: nowMs, position: this.#position(filePosition) };
    const rate = rateBetween(this.#oldestSample(nowMs), here);
    this.#samples.push(here);
    const seconds = rate > 0 ? Math.max(0, this.#total - here.position) / rate : 0;
    return this.#show(here.position, rate, seconds, "  ");
  }

  /** Ends the file. Per-file progress closes its line; whole-transfer progress leaves it to be rewritten. */
  endFile(tally: ProgressTally): string {
    const position = this.#position(this.#fileSize);
    this.#finishedBytes += this.#fileSize;
    const { wholeTransfer } = this.#settings;
    const text = this.#showFinal(wholeTransfer ? this.#finishedBytes : position, tally);
    if (wholeTransfer) return text;
    this.#started = null;
    return this.#close(text);
  }

  /** Ends the transfer: whole-transfer progress repeats its last line and closes it. */
  endTransfer(tally: ProgressTally): string {
    if (!this.#settings.wholeTransfer || tally.transferredCount === 0) return "";
    return this.#close(this.#showFinal(this.#finishedBytes, tally));
  }

  /** True when an LF is due before any other line: the last progress line is still open. */
  get isLineOpen(): boolean {
    return this.#lastText !== "";
  }

  /** Closes an open line, so that another one can be printed. */
  closeLine(): string {
    return this.isLineOpen ? this.#close("") : "";
  }

  #position(filePosition: number): number {
    return this.#settings.wholeTransfer ? this.#finishedBytes + filePosition : filePosition;
  }

  #oldestSample(nowMs: number): Sample {
    while (this.#samples.length > 1 && nowMs - this.#samples[0]!.atMs > WINDOW_MS) {
      this.#samples.shift();
    }
    return this.#samples[0] ?? { atMs: nowMs, position: 0 };
  }

  #showFinal(position: number, tally: ProgressTally): string {
    const nowMs = this.#settings.nowMs();
    const started = this.#started ?? { atMs: nowMs, position: 0 };
    const rate = rateBetween(started, { atMs: nowMs, position });
    const label = tally.listComplete ? "to-chk" : "ir-chk";
    const check = `${label}=${tally.toCheckCount}/${tally.entryCount}`;
    const end = ` (xfr#${tally.transferredCount}, ${check})`;
    return this.#show(position, rate, (nowMs - started.atMs) / 1000, end);
  }

  #show(position: number, rate: number, seconds: number, end: string): string {
    const percent = position >= this.#total ? 100 : Math.floor((100 * position) / this.#total);
    const number = formatBytes(position, this.#settings.numbers).padStart(15);
    const text = `${number} ${String(percent).padStart(3)}% ${formatSpeed(rate)} ${formatDuration(seconds)}${end}`;
    const padded = this.#settings.wholeTransfer ? text.padEnd(this.#lastText.length) : text;
    this.#lastText = text;
    return `\r${padded}`;
  }

  #close(text: string): string {
    this.#lastText = "";
    return `${text}\n`;
  }
}

function rateBetween(from: Sample, to: Sample): number {
  const elapsedMs = to.atMs - from.atMs;
  return elapsedMs > 0 ? ((to.position - from.position) * 1000) / elapsedMs : 0;
}

function formatSpeed(bytesPerSecond: number): string {
  let rate = bytesPerSecond / 1024;
  let unit = "kB/s";
  if (rate > 1024) {
    rate /= 1024;
    unit = "MB/s";
  }
  if (unit === "MB/s" && rate > 1024) {
    rate /= 1024;
    unit = "GB/s";
  }
  return `${rate.toFixed(2).padStart(7)}${unit}`;
}

function formatDuration(seconds: number): string {
  if (!(seconds >= 0 && seconds <= MAX_REMAINING_SECONDS)) return "  ??:??:??";
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = String(Math.floor(whole / 3600)).padStart(4);
  return `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}
