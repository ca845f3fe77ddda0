/**
 * Where the lines of a run go to: the screen, and the log.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { SessionLog } from "@tsrsync/transfer";
import { type EscapeStyle, messageBytes } from "../output/index.js";

/** Where lines go to. */
export interface OutputStreams {
  stdout: { write(bytes: Uint8Array): unknown };
  stderr: { write(bytes: Uint8Array): unknown };
}

/** What the lines depend on. */
export interface LineStyle {
  escapes: EscapeStyle;
  /** `-q`: no information on the screen. */
  quiet: boolean;
}

const FLUSH_BYTES = 32 << 10;

/** Texts are one or more lines, LF included. */
export class LineWriter {
  readonly #streams: OutputStreams;
  readonly #style: LineStyle;
  readonly #log: SessionLog | null;
  /** Lines on their way to stdout: many small writes cost more than all the rest of a verbose run. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(streams: OutputStreams, style: LineStyle, log: SessionLog | null) {
    this.#streams = streams;
    this.#style = style;
    this.#log = log;
  }

  /** Information for the screen only: names, of which the log has its own, and progress. */
  screen(text: ByteString): void {
    if (text === "" || this.#style.quiet) return;
    const bytes = messageBytes(text, this.#style.escapes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > FLUSH_BYTES) this.flush();
    else if (this.#pending.length === 1) setImmediate(() => this.flush());
  }

  /** Information. */
  info(text: ByteString): void {
    this.#log?.text(text);
    this.screen(text);
  }

  /** Trouble; `before` ends what is on the screen. */
  trouble(text: ByteString, before: ByteString): void {
    this.#log?.text(text);
    this.flush();
    if (before !== "") this.#streams.stdout.write(Buffer.from(before, "latin1"));
    this.#streams.stderr.write(messageBytes(text, this.#style.escapes));
  }

  /** Hands over what was collected. */
  flush(): void {
    if (this.#pendingBytes === 0) return;
    this.#streams.stdout.write(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
