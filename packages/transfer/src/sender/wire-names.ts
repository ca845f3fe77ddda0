/**
 * The names and link targets of what is sent, in the wire's charset (`--iconv`; spec 2-file-list, 2.14.3).
 * @module
 */
import { type FileEntry, IoError } from "@tsrsync/protocol/file-list";
import { CF_SYMLINK_ICONV } from "@tsrsync/protocol/handshake";
import type { ByteString } from "@tsrsync/protocol/wire";
import { conversionProblem } from "../session/charset.js";
import type { Session } from "../session/session.js";
import type { Source } from "./source.js";

/** Whether link targets are converted: only if both sides can. */
export function convertsTargets(session: Session): boolean {
  return session.charset !== null && (session.compatFlags & CF_SYMLINK_ICONV) !== 0;
}

/** Whether an entry can be sent; if not, that is told and counts as an error. */
export function isConvertible(session: Session, entry: FileEntry, source: Source): boolean {
  const { charset } = session;
  if (charset === null) return true;
  if (charset.toWire(entry.name) === null) {
    return failed(
      session,
      `filename: ${entry.name}`,
      conversionProblem(entry.name, charset.isUtf8),
    );
  }
  const target = entry.extra?.linkTarget ?? null;
  if (target === null || !convertsTargets(session) || charset.toWire(target) !== null) return true;
  const what = `symlink data for: ${source.describe(entry.name)}`;
  return failed(session, what, conversionProblem(target, charset.isUtf8));
}

function failed(session: Session, what: ByteString, why: ByteString): false {
  session.addIoError(IoError.General);
  session.notice("error", `[sender] cannot convert ${what} (${why})`);
  return false;
}

/** The link target of an entry that can be sent. */
export function wireTargetOf(session: Session, entry: FileEntry): ByteString | null {
  const target = entry.extra?.linkTarget ?? null;
  return target !== null && convertsTargets(session) ? session.toWire(target) : target;
}
