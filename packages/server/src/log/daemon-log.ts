/**
 * The log of a whole daemon: its own file, and those of modules that have one of their own.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { FileLog, type LogLevel, type LogSink, openLog, StreamLog } from "@tsrsync/transfer";

/** Where the lines of a daemon go besides its own log file. */
export interface DaemonLogOptions {
  /** The file comes from `--log-file`, which counts for modules, too. */
  isForModules?: boolean;
  /** Takes lines without a file; standard error by default. */
  fallback?: LogSink;
}

/** What a line is about. */
export interface LineOptions {
  /** The `log file` of a module; empty for the daemon's own. */
  file?: ByteString;
  pid?: number;
  level?: LogLevel;
}

/** Writes each line to the file that it belongs to. Never throws. */
export class DaemonLog {
  readonly #fallback: LogSink;
  readonly #own: LogSink;
  readonly #isForModules: boolean;
  readonly #files = new Map<ByteString, LogSink>();

  /** @param path the daemon's `log file`; empty when it has none. */
  constructor(path: ByteString, options: DaemonLogOptions = {}) {
    this.#fallback = options.fallback ?? new StreamLog();
    this.#own = openLog(path, this.#fallback);
    this.#isForModules = options.isForModules ?? false;
    this.#files.set(path, this.#own);
  }

  write(
    text: ByteString,
    { file = "", pid = process.pid, level = "info" }: LineOptions = {},
  ): void {
    this.#sinkFor(file).write(text, level, pid);
  }

  /** Closes all files; the next line opens its own again. */
  close(): void {
    for (const sink of this.#files.values()) sink.close();
  }

  #sinkFor(file: ByteString): LogSink {
    if (file === "" || this.#isForModules) return this.#own;
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const sink = new FileLog(file, this.#fallback);
    this.#files.set(file, sink);
    return sink;
  }
}
