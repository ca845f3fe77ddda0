/**
 * Where log lines go.
 *
 * Node has no datagram sockets of the Unix domain, so there is no syslog: what would go there goes to standard error,
 * from where service managers pass it on to the system's log.
 * @module
 */
import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { reason } from "../tree/system-error.js";
import { openTrusted, pathBytes } from "../tree/trusted-file.js";
import { formatFileLine } from "./file-line.js";

/** What a line is worth; errors count as warnings, as in syslog. */
export type LogLevel = "info" | "warning";

/** A log. Writing never throws: a daemon that can not write its log goes on serving. */
export interface LogSink {
  /**
   * Writes one line.
   * @param processId of the process that the line is about; ours by default.
   */
  write(text: ByteString, level?: LogLevel, processId?: number): void;
  /** Lets go of what is open. Writing again opens it anew. */
  close(): void;
}

/** A log on a stream that stays open, such as standard error. */
export class StreamLog implements LogSink {
  readonly #stream: Writable;

  constructor(stream: Writable = process.stderr) {
    this.#stream = stream;
  }

  write(text: ByteString, _level: LogLevel = "info", processId: number = process.pid): void {
    this.#stream.write(encodeByteString(formatFileLine(text, processId, new Date())));
  }

  close(): void {}
}

/**
 * A log file. It is opened by name again once it has been renamed or removed, so that a rotation needs no signal.
 * As long as it can not be opened or written, `fallback` takes the lines.
 */
export class FileLog implements LogSink {
  readonly #path: ByteString;
  readonly #fallback: LogSink;
  readonly #insecureLinks: boolean;
  #descriptor: number | null = null;
  #hasFailed = false;

  /** @param insecureLinks a link on the way is followed whoever owns it */
  constructor(path: ByteString, fallback: LogSink = new StreamLog(), insecureLinks = false) {
    this.#path = path;
    this.#fallback = fallback;
    this.#insecureLinks = insecureLinks;
  }

  /** Opens the file before the first line does. @throws a system error */
  open(): void {
    this.#current();
  }

  write(text: ByteString, level: LogLevel = "info", processId: number = process.pid): void {
    try {
      const descriptor = this.#current();
      // One call per line: the lines of several processes do not mix.
      writeSync(descriptor, encodeByteString(formatFileLine(text, processId, new Date())));
      this.#hasFailed = false;
    } catch (error) {
      this.#complain(error);
      this.#fallback.write(text, level, processId);
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  /** The open file, if the name still means it: looking costs about 5 µs per line. */
  #current(): number {
    if (this.#descriptor !== null && this.#isMoved(this.#descriptor)) this.close();
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    this.#descriptor ??= this.#insecureLinks
      ? openSync(pathBytes(this.#path), flags, 0o644)
      : openTrusted(this.#path, flags, 0o644);
    return this.#descriptor;
  }

  #isMoved(descriptor: number): boolean {
    const named = statSync(pathBytes(this.#path), { throwIfNoEntry: false });
    const open = fstatSync(descriptor);
    return named === undefined || named.ino !== open.ino || named.dev !== open.dev;
  }

  /** Once per failure, not once per line. */
  #complain(error: unknown): void {
    if (!this.#hasFailed) {
      const why = reason(error);
      this.#fallback.write(`failed to open log-file ${this.#path}: ${why}`, "warning");
      this.#fallback.write('Ignoring "log file" setting.', "warning");
    }
    this.#hasFailed = true;
    this.close();
  }
}

/** The log for the value of `log file` or `--log-file`; without one, `fallback`. */
export function openLog(path: ByteString, fallback: LogSink = new StreamLog()): LogSink {
  return path === "" ? fallback : new FileLog(path, fallback);
}
