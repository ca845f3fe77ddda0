/**
 * Messages from the peer: what each code does (spec 1-session, 6.3).
 * @module
 */
import { ExitCode, StreamError } from "@tsrsync/protocol";
import {
  type ByteString,
  createCursor,
  decodeByteString,
  MessageCode,
  readInt,
} from "@tsrsync/protocol/wire";
import type { NoticeLevel } from "./observer.js";
import { intPayload, RemoteExit, type Session } from "./session.js";

const MAX_TIMEOUT_SECONDS = 86_400;
/** So many texts of its client does a server pass on. */
const MAX_CLIENT_TEXTS = 1000;
/** What `exit` can tell apart from success. */
const MAX_EXIT_CODE = 255;

const TEXT_LEVELS: ReadonlyMap<MessageCode, NoticeLevel> = new Map([
  [MessageCode.ErrorXfer, "transfer-error"],
  [MessageCode.Info, "info"],
  [MessageCode.Error, "error"],
  [MessageCode.Warning, "warning"],
]);

/** Handles one message; `payload` is borrowed. @throws RemoteExit when the peer ends the session. */
export function handleMessage(session: Session, code: MessageCode, payload: Uint8Array): void {
  const level = TEXT_LEVELS.get(code);
  if (level !== undefined) {
    receiveText(session, level, session.fromWire(decodeByteString(payload)));
    return;
  }
  switch (code) {
    case MessageCode.IoError:
      session.mergeIoError(intOf(payload));
      break;
    case MessageCode.IoTimeout:
      receiveTimeout(session, intOf(payload));
      break;
    case MessageCode.Noop:
      session.output.keepAlive();
      break;
    case MessageCode.ErrorExit:
      receiveErrorExit(session, payload);
      break;
    case MessageCode.Deleted:
      receiveDeleted(session, session.fromWire(decodeByteString(payload)));
      break;
    case MessageCode.Success:
      receiveSuccess(session, intOf(payload));
      break;
    case MessageCode.NoSend:
      session.onNoSend(intOf(payload));
      break;
    default:
      throw new StreamError(`unexpected tag ${code}`);
  }
}

function receiveSuccess(session: Session, ndx: number): void {
  if (!session.isSender) throw new StreamError("a sender may not confirm that files have arrived");
  session.onSuccess(ndx);
}

function intOf(payload: Uint8Array): number {
  return readInt(createCursor(payload));
}

function receiveText(session: Session, level: NoticeLevel, text: ByteString): void {
  if (session.isServer) {
    passOn(session, level, text);
    return;
  }
  if (level === "transfer-error") session.hadTransferError = true;
  session.observer.notice?.({ level, text, remote: true });
}

/** A text from a client is for the other side of the server: the log and, like all of a server's texts, the client. */
function passOn(session: Session, level: NoticeLevel, text: ByteString): void {
  if (++session.clientTexts > MAX_CLIENT_TEXTS) {
    throw new StreamError(`messages: expected at most ${MAX_CLIENT_TEXTS} texts from a client`);
  }
  for (const line of text.replace(/\n$/, "").split("\n")) session.notice(level, line);
}

function receiveTimeout(session: Session, seconds: number): void {
  if (session.isServer) throw new StreamError("a client may not set the timeout of its server");
  if (seconds < 1 || seconds > MAX_TIMEOUT_SECONDS) return;
  const { options } = session;
  if (options.timeout === 0 || options.timeout > seconds) options.timeout = seconds;
}

function receiveDeleted(session: Session, payload: ByteString): void {
  // It would go to the log of deletions.
  if (session.isServer) throw new StreamError("a client may not report deletions to its server");
  const isDirectory = payload.endsWith("\0");
  const path = isDirectory ? payload.slice(0, -1) : payload;
  session.observer.deleted?.({ path, isDirectory, permissions: 0 });
}

/** The peer gives up: confirm as spec 1-session, 6.7 says, and end with its code. */
function receiveErrorExit(session: Session, payload: Uint8Array): void {
  if (payload.length === 0) throw new RemoteExit(session.exitCode() || ExitCode.Stream);
  const told = intOf(payload);
  const code = told > 0 && told <= MAX_EXIT_CODE ? told : ExitCode.Stream;
  const inTransfer = !session.isSender && session.transferring;
  session.output.message(MessageCode.ErrorExit, inTransfer ? intPayload(code) : new Uint8Array(0));
  session.output.flush();
  throw new RemoteExit(code);
}
