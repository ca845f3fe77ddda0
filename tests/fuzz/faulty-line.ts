/**
 * One direction of a connection with faults in it: bits that flip, frames that get lost, come twice, change places or are made
 * up, lengths that lie, and a line that is cut.
 *
 * Bytes before framing begins pass through byte by byte faults only. Framing is recognized at the start of a chunk, where both
 * implementations start it.
 */
import { MessageCode, storeFrameHeader } from "@tsrsync/protocol/wire";
import type { Random } from "./random.js";

const HEADER = 4;
const TAG_BASE = 7;
/** No real frame of the sessions under test is longer. */
const MAX_FRAME = 1 << 19;
const CODES: ReadonlySet<number> = new Set(Object.values(MessageCode));

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

/** A frame with any code and payload. */
export function frameOf(code: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER + payload.length);
  storeFrameHeader(frame, 0, code as MessageCode, payload.length);
  frame.set(payload, HEADER);
  return frame;
}

const NUMBERS = [0, 1, 2, 3, 7, -1, -2, -101, 255, 256, 1 << 20, 0x7fffffff, -0x80000000];
const NAMES = ["../../canary", "/etc/canary", "a\x1b[2J\n\r\x07b", "x\0", "", "d".repeat(5119)];
const TEXT_CODES = [
  MessageCode.ErrorXfer,
  MessageCode.Info,
  MessageCode.Error,
  MessageCode.Warning,
];
const INT_CODES = [
  MessageCode.IoError,
  MessageCode.IoTimeout,
  MessageCode.ErrorExit,
  MessageCode.Success,
  MessageCode.NoSend,
];
const REDO = 9;
const LOCAL_CODES = [5, 6, 7, 8, REDO, 10, 20, 21, 77, 248];

/** A frame that no honest peer sends at this place. */
function madeUp(random: Random): Buffer {
  switch (random.below(6)) {
    case 0:
      return frameOf(random.pick(INT_CODES), word(random.pick(NUMBERS)));
    case 1:
      return frameOf(random.pick(TEXT_CODES), Buffer.from(random.pick(NAMES), "latin1"));
    case 2:
      return frameOf(MessageCode.Deleted, Buffer.from(random.pick(NAMES), "latin1"));
    case 3:
      return frameOf(random.pick(LOCAL_CODES), word(random.pick(NUMBERS)));
    case 4: {
      const flood = frameOf(random.pick([MessageCode.Noop, MessageCode.Data]), Buffer.alloc(0));
      return Buffer.concat(Array.from({ length: 1 + random.below(5000) }, () => flood));
    }
    default:
      return frameOf(MessageCode.Data, Buffer.from([random.next(), random.next(), random.next()]));
  }
}

/** What happens to the stream at one place of it. */
type Fault = (frame: Buffer, random: Random, line: FaultyLine) => Buffer;

const FAULTS: readonly Fault[] = [
  function flipBit(frame, random) {
    const at = frame.length > HEADER ? HEADER + random.below(frame.length - HEADER) : 0;
    frame[at] = frame[at]! ^ (1 << random.below(8));
    return frame;
  },
  function flipInHeader(frame, random) {
    const at = random.below(Math.min(HEADER, frame.length));
    frame[at] = frame[at]! ^ (1 << random.below(8));
    return frame;
  },
  function setWord(frame, random) {
    if (frame.length < 2 * HEADER) return frame;
    const at = HEADER + random.below(frame.length - 2 * HEADER + 1);
    frame.writeInt32LE(random.pick(NUMBERS), at);
    return frame;
  },
  function drop() {
    return Buffer.alloc(0);
  },
  function duplicate(frame) {
    return Buffer.concat([frame, frame]);
  },
  function changePlaces(frame, _random, line) {
    line.later = frame;
    return Buffer.alloc(0);
  },
  function insert(frame, random) {
    return Buffer.concat([madeUp(random), frame]);
  },
  function insertInside(frame, random) {
    if (frame.length <= HEADER || frame[3] !== TAG_BASE) return frame;
    const half = HEADER + random.below(frame.length - HEADER);
    const [head, tail] = [frame.subarray(HEADER, half), frame.subarray(half)];
    return Buffer.concat([frameOf(0, head), madeUp(random), frameOf(0, tail)]);
  },
  function loseByte(frame, random) {
    const at = random.below(frame.length);
    return Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1)]);
  },
  function cut(frame, random, line) {
    line.isCut = true;
    return frame.subarray(0, random.below(frame.length + 1));
  },
];

/** Passes one direction on, with `count` faults among its first `length` bytes or so. */
export class FaultyLine {
  /** A frame that is held back until the next one has passed. */
  later: Buffer | null = null;
  /** Nothing passes any more. */
  isCut = false;
  readonly #random: Random;
  readonly #places: number[];
  #offset = 0;
  #framed = false;
  #rest: Buffer = Buffer.alloc(0);

  /** @param from bytes at the beginning that pass untouched. */
  constructor(random: Random, length: number, count: number, from = 0) {
    this.#random = random;
    const span = Math.max(1, length - from);
    this.#places = Array.from({ length: count }, () => from + random.below(span)).sort(
      (a, b) => a - b,
    );
  }

  /** What comes out for `chunk`; `null` when the line is cut after what came out before. */
  pass(chunk: Buffer): Buffer | null {
    if (this.isCut) return null;
    const bytes = Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    this.#framed ||= startsFrame(bytes);
    if (!this.#framed) return this.#passPiece(bytes);
    const out: Buffer[] = [];
    let at = 0;
    for (let end = frameEnd(bytes, at); end > 0 && !this.isCut; end = frameEnd(bytes, at)) {
      out.push(this.#passPiece(bytes.subarray(at, end)));
      at = end;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
    return Buffer.concat(out);
  }

  #passPiece(piece: Buffer): Buffer {
    this.#offset += piece.length;
    let result: Buffer = Buffer.from(piece);
    while (this.#places.length > 0 && this.#places[0]! < this.#offset) {
      this.#places.shift();
      if (result.length > 0) result = this.#random.pick(FAULTS)(result, this.#random, this);
    }
    if (this.later === null || result.length === 0) return result;
    const both = Buffer.concat([result, this.later]);
    this.later = null;
    return both;
  }
}

function startsFrame(bytes: Buffer): boolean {
  if (bytes.length < HEADER || !CODES.has(bytes[3]! - TAG_BASE)) return false;
  return bytes.readUIntLE(0, 3) <= MAX_FRAME;
}

/** Where the frame at `at` ends; -1 when it is not whole, or none. */
function frameEnd(bytes: Buffer, at: number): number {
  if (bytes.length - at < HEADER) return -1;
  const end = at + HEADER + bytes.readUIntLE(at, 3);
  return end <= bytes.length ? end : -1;
}
