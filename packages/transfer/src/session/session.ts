/**
 * What both roles of a running transfer share: the two ends of the connection, what was negotiated, and the state that
 * decides the exit code.
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import type { ChecksumName, HashStream, StrongSum } from "@tsrsync/protocol/checksum";
import { IoError } from "@tsrsync/protocol/file-list";
import { CF_INC_RECURSE } from "@tsrsync/protocol/handshake";
import { type ItemRecord, readItemRecord, writeItemRecord } from "@tsrsync/protocol/item";
import {
  type ByteString,
  type Cursor,
  createNdxState,
  encodeByteString,
  MessageCode,
  NDX_DONE,
  storeInt,
  writeNdx,
} from "@tsrsync/protocol/wire";
import type { Compression } from "../compression/index.js";
import type { Awaitable } from "../tree/file-tree.js";
import { errorCode, reason } from "../tree/system-error.js";
import type { Charset } from "./charset.js";
import type { Input } from "./input.js";
import type { NoticeLevel, TransferObserver } from "./observer.js";
import type { TransferOptions } from "./options.js";
import type { Output } from "./output.js";
import { createStatistics, type TransferStatistics } from "./statistics.js";

const IO_ERROR_MASK = 7;
const MAX_TEXT_BYTES = 5000;

/** What a session is made of; see `set-up.ts` for how the negotiated part comes about. */
export interface SessionParts {
  input: Input;
  output: Output;
  isServer: boolean;
  isSender: boolean;
  /** Both sides are in this process. */
  isLocal: boolean;
  /** The sender's part comes out of a batch file. */
  isReplay: boolean;
  /** Takes what the sender sends (a client that writes a batch). */
  recorder: BatchRecorder | null;
  protocol: number;
  compatFlags: number;
  checksumSeed: number;
  strong: StrongSum;
  /** `null`: file data goes as it is. */
  compression: Compression | null;
  /** The unseeded sum of `--checksum` and its length in bytes, when that is on. */
  listHashLength: number;
  listHashName: ChecksumName | null;
  listHash: HashStream | null;
  options: TransferOptions;
  /** Converts names, when `--iconv` is on. */
  charset?: Charset | null;
  observer: TransferObserver;
}

const TEXT_CODES: Record<NoticeLevel, MessageCode> = {
  info: MessageCode.Info,
  warning: MessageCode.Warning,
  error: MessageCode.Error,
  "transfer-error": MessageCode.ErrorXfer,
};

/** Protocols below 30 know only two kinds of text. */
const OLD_TEXT_CODES: Record<NoticeLevel, MessageCode> = {
  info: MessageCode.Info,
  warning: MessageCode.Info,
  error: MessageCode.ErrorXfer,
  "transfer-error": MessageCode.ErrorXfer,
};

/** A batch file as it is written. */
export interface BatchRecorder {
  /** `bytes` are borrowed. */
  write(bytes: Uint8Array): void;
}

export class Session {
  readonly input: Input;
  readonly output: Output;
  readonly isServer: boolean;
  readonly isSender: boolean;
  readonly isLocal: boolean;
  readonly isReplay: boolean;
  readonly recorder: BatchRecorder | null;
  readonly protocol: number;
  readonly compatFlags: number;
  readonly checksumSeed: number;
  readonly strong: StrongSum;
  readonly compression: Compression | null;
  readonly listHash: HashStream | null;
  readonly listHashLength: number;
  readonly listHashName: ChecksumName | null;
  readonly options: TransferOptions;
  readonly charset: Charset | null;
  readonly observer: TransferObserver;
  readonly statistics: TransferStatistics = createStatistics();

  /** Errors of either side so far (`IoError` bits). */
  ioError = 0;
  /** Something was not transferred: the run ends with 23. */
  hadTransferError = false;
  /** True once the roles are at work; before, a failure is answered differently (spec 1-session, 6.7). */
  transferring = false;
  /** The goodbye has begun: failures are no longer told to the peer. */
  closing = false;
  /** Called when a file has arrived, so that the sender may remove its own. */
  onSuccess: (ndx: number) => void = () => {};
  /** How many texts a client has sent to us, its server. */
  clientTexts = 0;
  /** Nothing can go on here before the peer says something. */
  isIdle: () => boolean = () => this.input.isAwaited;
  /** Called when the sender will not answer a request. */
  onNoSend: (ndx: number) => void = () => {};

  readonly #ndxIn = createNdxState();
  readonly #ndxOut = createNdxState();

  constructor(parts: SessionParts) {
    this.input = parts.input;
    this.output = parts.output;
    this.isServer = parts.isServer;
    this.isSender = parts.isSender;
    this.isLocal = parts.isLocal;
    this.isReplay = parts.isReplay;
    this.recorder = parts.recorder;
    this.protocol = parts.protocol;
    this.compatFlags = parts.compatFlags;
    this.checksumSeed = parts.checksumSeed;
    this.strong = parts.strong;
    this.compression = parts.compression;
    this.listHash = parts.listHash;
    this.listHashLength = parts.listHashLength;
    this.listHashName = parts.listHashName;
    this.options = parts.options;
    this.charset = parts.charset ?? null;
    this.observer = parts.observer;
    // A receiver that waits does so beside a generator that may be at work.
    this.input.beforeWaiting = this.isSender
      ? () => this.output.flush()
      : () => this.output.flushSoon();
  }

  /** Each directory has a file list of its own. */
  get isIncremental(): boolean {
    return (this.compatFlags & CF_INC_RECURSE) !== 0;
  }

  /** How many entries all lists have had so far. */
  get entriesKnown(): number {
    const { regular, directories, symlinks, devices, specials } = this.statistics.files;
    return regular + directories + symlinks + devices + specials;
  }

  readonly #decodeItem = (cursor: Cursor): ItemRecord =>
    readItemRecord(cursor, this.#ndxIn, this.protocol);

  /** The next index of the peer and what was said with it. */
  readItem(): Awaitable<ItemRecord> {
    const { input } = this;
    const waiting = input.ensureSome();
    if (waiting instanceof Promise) return waiting.then(() => input.read(this.#decodeItem));
    return input.read(this.#decodeItem);
  }

  writeItem(record: ItemRecord): void {
    writeItemRecord(this.output.writer, this.#ndxOut, this.protocol, record);
  }

  /** Writes a mark: `NDX_DONE` or another negative index. */
  writeMark(ndx: number): void {
    writeNdx(this.output.writer, this.#ndxOut, this.protocol, ndx);
  }

  writeDone(): void {
    this.writeMark(NDX_DONE);
  }

  /** Tells the user something; a server tells its client. */
  notice(level: NoticeLevel, text: ByteString, isName = false): void {
    if (level === "transfer-error") this.hadTransferError = true;
    const line = `${text}\n`;
    this.observer.notice?.({ level, text: line, remote: false, isName });
    if (!this.isServer) return;
    const codes = this.protocol >= 30 ? TEXT_CODES : OLD_TEXT_CODES;
    this.output.messageAhead(codes[level], textPayload(this.toWire(text)));
  }

  /** A text for the peer, as far as it can be converted. */
  toWire(text: ByteString): ByteString {
    return this.charset?.toWire(text) ?? text;
  }

  /** A text of the peer, as far as it can be converted. */
  fromWire(text: ByteString): ByteString {
    return this.charset?.fromWire(text) ?? text;
  }

  /** Notes how much went over the wire so far. */
  countWireBytes(): void {
    this.statistics.bytesSent = this.output.bytesWritten;
    this.statistics.bytesReceived = this.input.bytesRead;
  }

  /** A directory that an argument names can not be entered. */
  changeDirectoryFailed(name: ByteString, error: unknown): void {
    if (errorCode(error) !== "ENOENT") this.addIoError(IoError.General);
    this.notice("transfer-error", `rsync: [sender] change_dir ${name} failed: ${reason(error)}`);
  }

  /** A server tells its client why it gives up; the log is the caller's business. */
  tellClient(text: ByteString): void {
    const code = this.protocol >= 30 ? MessageCode.Error : MessageCode.ErrorXfer;
    this.output.message(code, textPayload(this.toWire(text)));
  }

  /** Adds to the error state; a sender tells the receiving side. */
  addIoError(bits: number): void {
    if ((this.ioError & bits) === bits) return;
    this.ioError |= bits;
    if (this.isSender && this.transferring && this.protocol >= 30) {
      this.output.message(MessageCode.IoError, intPayload(bits));
    }
  }

  /** Takes error bits from the peer; unknown ones are dropped. */
  mergeIoError(bits: number): void {
    if (!this.options.ignoreErrors) this.ioError |= bits & IO_ERROR_MASK;
  }

  /** A file has arrived and is in its place. */
  sendSuccess(ndx: number): void {
    this.output.message(MessageCode.Success, intPayload(ndx));
  }

  /** A sender says that it will not answer a request. */
  sendNoSend(ndx: number): void {
    if (this.protocol >= 30) this.output.message(MessageCode.NoSend, intPayload(ndx));
  }

  /** The code of a run that came to its orderly end. */
  exitCode(): ExitCode {
    if (this.hadTransferError || this.ioError & IoError.General) return ExitCode.Partial;
    if (this.ioError & IoError.Vanished) return ExitCode.Vanished;
    if (this.ioError & IoError.DeleteLimit) return ExitCode.DeleteLimit;
    return ExitCode.Ok;
  }
}

/** A line as a message payload; a client refuses payloads that are longer than so (spec 1-session, 6.5). */
function textPayload(text: ByteString): Uint8Array {
  return encodeByteString(`${text.slice(0, MAX_TEXT_BYTES)}\n`);
}

/** A message payload of one `int`. */
export function intPayload(value: number): Uint8Array {
  const payload = new Uint8Array(4);
  storeInt(payload, value, 0);
  return payload;
}

/**
 * The peer ended the session with a code of its own; it has said why already, so nothing more is printed here.
 */
export class RemoteExit extends RsyncError {
  constructor(exitCode: ExitCode) {
    super(exitCode, `the other side ended the session with code ${exitCode}`);
  }
}
