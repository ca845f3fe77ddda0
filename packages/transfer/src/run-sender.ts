/**
 * The sending side of a session, from the first entry of the list to the goodbye.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { assertProtocolAllows, prepareSource } from "./attributes/set-up.js";
import type { Identities } from "./identity/identities.js";
import type { Hides } from "./sender/scanner.js";
import type { PathSelection } from "./sender/selection.js";
import { ListSender } from "./sender/send-list.js";
import { Sender } from "./sender/sender.js";
import type { Sources } from "./sender/sources.js";
import { exchangeFilterList } from "./session/filter-exchange.js";
import type { Session } from "./session/session.js";

/** What is to be sent. */
export interface SendRequest {
  /** Where `paths` are entered. */
  sources: Sources;
  /** The source arguments; with a list of names (`TransferOptions.filesFrom`) the one directory that they are relative to. */
  paths: readonly ByteString[];
  /** Exactly these items of the one directory in `paths`, none of which is entered. */
  selection?: PathSelection | null | undefined;
  /** Leaves out what it is true for, with all that is below. Asked for what is found in directories. */
  hides?: Hides | null | undefined;
}

/** Sends the list and answers requests until the other side has all it wants. */
export async function runSender(
  session: Session,
  request: SendRequest,
  identities: Identities,
): Promise<void> {
  assertProtocolAllows(session);
  const filters = await exchangeFilterList(session);
  const attributes = await prepareSource(session, filters);
  recordOutput(session);
  session.observer.begin?.(session.isIncremental);
  const list = new ListSender(session, request, identities, filters, attributes);
  await list.sendFirst();
  session.observer.fileList?.(list.lists);
  // A server with nothing to send ends right here; a client goes through the phases (spec 1-session, 7.6).
  if (session.isServer && list.lists.entryCount === 0) {
    session.closing = true;
    await session.output.finish();
    return;
  }
  session.transferring = true;
  await new Sender(session, request.sources, list, attributes).run();
  session.countWireBytes();
}

/** A batch has the list and all that follows. */
function recordOutput({ recorder, output }: Session): void {
  if (recorder === null) return;
  output.flush();
  output.copyTo = (data) => recorder.write(data);
}
