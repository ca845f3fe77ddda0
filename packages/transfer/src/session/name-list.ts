/**
 * The names of `--files-from`: read here, or sent from the receiving side to the sender (spec 2-file-list, 2.4).
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import {
  type ByteString,
  type Cursor,
  decodeByteString,
  reserve,
  UNDERFLOW,
} from "@tsrsync/protocol/wire";
import type { RequestedNames } from "../filter/requested-names.js";
import type { Session } from "./session.js";

/** Where the names come from. */
export interface NameList {
  /** The bytes of a list that lies on this side; `null` when the other side sends it. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | null;
  /** Names end at NUL, not at the end of a line. */
  readonly nulEnds: boolean;
}

/** No path is as long as this. */
const MAX_NAME_BYTES = 1 << 16;

/** The names that a sender is to list, wherever they come from. */
export async function* receiveNames(session: Session, list: NameList): AsyncGenerator<ByteString> {
  if (list.chunks === null) {
    yield* namesOfPeer(session);
    return;
  }
  for await (const name of namesIn(list.chunks, list.nulEnds)) {
    if (!/^[#;]/.test(name)) yield name;
  }
}

/** The names in a list; empty ones are dropped, comments are not. @throws ProtocolError for one without end. */
export async function* namesIn(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  nulEnds: boolean,
): AsyncGenerator<ByteString> {
  let rest = "";
  for await (const chunk of chunks) {
    const names = (rest + decodeByteString(chunk)).split(nulEnds ? "\0" : /[\0\r\n]/);
    rest = names.pop()!;
    if (rest.length > MAX_NAME_BYTES) throw tooLong();
    for (const name of names) if (name !== "") yield name;
  }
  if (rest !== "") yield rest;
}

/**
 * Sends the names to the sender, while it lists what they name.
 * @param requested learns what the sender may list
 */
export async function forwardNames(
  session: Session,
  { chunks, nulEnds }: NameList,
  requested: RequestedNames | null,
): Promise<void> {
  if (chunks === null) return;
  const { output, protocol } = session;
  // Names were not part of any frame before protocol 31.
  const isFramed = output.framed;
  if (protocol < 31 && isFramed) output.pauseFraming();
  for await (const name of namesIn(chunks, nulEnds)) {
    requested?.add(name);
    writeName(session, name);
    const waiting = protocol < 31 ? undefined : output.drained();
    if (waiting instanceof Promise) await waiting;
  }
  writeName(session, "");
  output.flush();
  if (protocol < 31 && isFramed) output.startFraming();
}

function writeName({ output }: Session, name: ByteString): void {
  const { writer } = output;
  const at = reserve(writer, name.length + 1);
  for (let i = 0; i < name.length; i++) writer.bytes[at + i] = name.charCodeAt(i);
  writer.bytes[at + name.length] = 0;
  output.flushWhenFull();
}

async function* namesOfPeer(session: Session): AsyncGenerator<ByteString> {
  const { input, protocol } = session;
  if (protocol < 31) input.pauseFraming();
  for (;;) {
    const answer = input.read(readName);
    const name = answer instanceof Promise ? await answer : answer;
    if (name === "") break;
    yield name;
  }
  if (protocol < 31) input.resumeFraming();
}

function readName(cursor: Cursor): ByteString {
  const { bytes, offset, end } = cursor;
  const at = bytes.subarray(offset, end).indexOf(0);
  if (at < 0 ? end - offset > MAX_NAME_BYTES : at > MAX_NAME_BYTES) throw tooLong();
  if (at < 0) throw UNDERFLOW;
  cursor.offset = offset + at + 1;
  return decodeByteString(bytes.subarray(offset, offset + at));
}

function tooLong(): ProtocolError {
  return new ProtocolError(`files-from: expected names of at most ${MAX_NAME_BYTES} bytes`);
}
