/**
 * Records without transfer: what the generator did itself is told to the sender, so that both sides log the same (spec
 * 3-transfer, 2.7).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import {
  BasisType,
  ItemFlag,
  SIGNIFICANT_ITEM_FLAGS,
  writeXattrRequest,
} from "@tsrsync/protocol/item";
import type { ByteString } from "@tsrsync/protocol/wire";
import { itemEvent } from "../session/item-event.js";
import type { Session } from "../session/session.js";
import { carriesXattrs } from "../session/xattr-exchange.js";
import { madeText, unchangedText } from "./tell-unchanged.js";

/** What a record is about. */
export interface ReportedItem {
  ndx: number;
  entry: FileEntry;
}

/**
 * Sends a record for an item that needs no data, when there is something to say about it, and tells the user. `request`: numbers of the long
 * attribute values that are asked for.
 */
export function reportItem(
  session: Session,
  { ndx, entry }: ReportedItem,
  flags: number,
  xname: ByteString | null = null,
  request: readonly number[] = [],
): void {
  if (session.options.tellsUnchanged) {
    const text = unchangedText(entry, flags, xname);
    if (text !== null) session.notice("info", text, true);
  }
  const worthIt =
    (flags & SIGNIFICANT_ITEM_FLAGS) !== 0 ||
    (xname !== null && xname !== "") ||
    session.options.reportUnchanged;
  if (!worthIt) return;
  const all = xname === null ? flags : flags | ItemFlag.XnameFollows;
  if (session.protocol < 29) {
    tellWithoutRecord(session, { ndx, entry }, all, xname);
    return;
  }
  session.writeItem({ ndx, flags: all, basisType: BasisType.Destination, xname });
  if (carriesXattrs(session, all)) writeXattrRequest(session.output.writer, request);
  session.output.flushWhenFull();
}

/** Before protocol 29 no record comes back from the sender: a client shows the item at once, a server tells its name. */
function tellWithoutRecord(
  session: Session,
  { ndx, entry }: ReportedItem,
  flags: number,
  xname: ByteString | null,
): void {
  if (!session.isServer) {
    const item = { ndx, flags, basisType: BasisType.Destination, xname };
    session.observer.item?.(itemEvent(session, item, entry, "", null));
    return;
  }
  const text = session.options.tellsNames ? madeText(entry, flags, xname) : null;
  if (text !== null) session.notice("info", text);
}
