/**
 * The filter list at the start of a session, which always goes from client to server (spec 2-file-list, 2.3).
 * @module
 */
import { UnsupportedError } from "@tsrsync/protocol";
import {
  type Cursor,
  decodeByteString,
  readInt,
  take,
  within,
  writeInt,
} from "@tsrsync/protocol/wire";
import type { Session } from "./session.js";

/** A rule must be shorter than this. */
const MAX_RULE_BYTES = 5120;

/** Whether the client sends a list at all: always when it receives, else only if the server deletes. */
function hasFilterList(session: Session): boolean {
  if (session.isLocal) return false;
  const clientReceives = session.isServer === session.isSender;
  if (clientReceives) return true;
  const { delete: timing, deleteExcluded } = session.options;
  return timing !== "none" && (!deleteExcluded || session.protocol >= 29);
}

function readRule(cursor: Cursor): string | null {
  const length = within(readInt(cursor), "length of a filter rule", 0, MAX_RULE_BYTES - 1);
  if (length === 0) return null;
  const start = take(cursor, length);
  return decodeByteString(cursor.bytes, start, start + length);
}

/** Sends our rules to the server, or reads the client's. */
export async function exchangeFilterList(session: Session): Promise<void> {
  if (!hasFilterList(session)) return;
  if (!session.isServer) {
    writeInt(session.output.writer, 0);
    return;
  }
  const rule = await session.input.read(readRule);
  if (rule !== null) throw new UnsupportedError("filter rules are not supported by this server");
}
