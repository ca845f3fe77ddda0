/**
 * The sending side of a session, from the first entry of the list to the goodbye.
 * @module
 */
import { assertProtocolAllows, prepareSource } from "./attributes/set-up.js";
import type { Identities } from "./identity/identities.js";
import { ListSender } from "./sender/send-list.js";
import { Sender } from "./sender/sender.js";
import type { Source } from "./sender/source.js";
import { exchangeFilterList } from "./session/filter-exchange.js";
import type { Session } from "./session/session.js";

/** Sends the list and answers requests until the other side has all it wants. */
export async function runSender(
  session: Session,
  sources: readonly Source[],
  identities: Identities,
): Promise<void> {
  assertProtocolAllows(session);
  const filters = await exchangeFilterList(session);
  const trees = sources.map(({ tree }) => tree);
  const attributes = await prepareSource(session, trees, filters);
  session.observer.begin?.(session.isIncremental);
  const list = new ListSender(session, sources, identities, filters, attributes);
  await list.sendFirst();
  session.observer.fileList?.(list.lists);
  // A server with nothing to send ends right here; a client goes through the phases (spec 1-session, 7.6).
  if (session.isServer && list.lists.entryCount === 0) {
    session.closing = true;
    await session.output.finish();
    return;
  }
  session.transferring = true;
  await new Sender(session, sources, list, attributes).run();
  session.countWireBytes();
}
