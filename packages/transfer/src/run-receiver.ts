/**
 * The receiving side of a session: the list, then generator and receiver side by side, then the goodbye.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import type { FileListSet } from "@tsrsync/protocol/file-list";
import { readSenderStatistics } from "@tsrsync/protocol/item";
import { assertProtocolAllows, prepareDestination } from "./attributes/set-up.js";
import { DestinationFilter } from "./filter/destination-filter.js";
import { pruneEmptyDirectories } from "./filter/prune.js";
import { Generator } from "./generator/generator.js";
import type { Identities } from "./identity/identities.js";
import type { Destination } from "./receiver/destination.js";
import { emptyDestination } from "./receiver/open-destination.js";
import { Phases } from "./receiver/phases.js";
import { ListReceiver } from "./receiver/receive-list.js";
import { Receiver } from "./receiver/receiver.js";
import { openWorkspace } from "./receiver/workspace.js";
import { destinationFor } from "./session/acting-user.js";
import { exchangeFilterList } from "./session/filter-exchange.js";
import { forwardNames } from "./session/name-list.js";
import type { Session } from "./session/session.js";

/** Opens the destination once it is known what comes. */
export type OpenDestination = (lists: FileListSet) => Promise<Destination>;

/** Receives the list and all that is wanted of it; without `openDestination` nothing is (a listing). */
export async function runReceiver(
  session: Session,
  openDestination: OpenDestination | null,
  identities: Identities,
): Promise<void> {
  assertProtocolAllows(session);
  const filters = await exchangeFilterList(session);
  session.observer.begin?.(session.isIncremental);
  const list = new ListReceiver(session, identities, filters.check);
  await receiveFirst(session, list);
  const { lists } = list;
  if (session.options.pruneEmptyDirs) pruneEmptyDirectories(lists, filters.own.at(""));
  session.observer.fileList?.(lists);
  // A server that has nothing to send goes away after its list.
  if (!session.isServer && lists.entryCount === 0) {
    session.closing = true;
    return;
  }
  const opened = openDestination === null ? nowhere() : await openDestination(lists);
  const destination = destinationFor(session.options, opened);
  await prepareDestination(session, destination, filters);
  const filter = await DestinationFilter.open(filters, destination);
  if (openDestination !== null) tellWhetherDeltas(session);
  session.transferring = true;
  const phases = new Phases(lists, session.isReplay);
  session.onNoSend = (ndx) => phases.settled(ndx);
  session.isIdle = () => session.input.isAwaited && phases.isAwaited;
  const workspace = await openWorkspace(session, destination, phases);
  const generator = new Generator(workspace, list, filter);
  const receiver = new Receiver(workspace, list, filter);
  await together(session, phases, generator.run(), receiveToEnd(session, receiver, phases));
}

/** Takes the first list; the sender may want to be told meanwhile what is in it. */
async function receiveFirst(session: Session, list: ListReceiver): Promise<void> {
  const { filesFrom, filters } = session.options;
  if (filesFrom === null || session.isLocal) {
    await list.receiveFirst();
    return;
  }
  const forwarding = forwardNames(session, filesFrom, filters.requested);
  // Before protocol 31 names and frames must not mix.
  if (session.protocol < 31) await forwarding;
  const failed = forwarding.catch((error: unknown) => {
    session.input.abort(RsyncError.from(error));
    throw error;
  });
  const [names, entries] = await Promise.allSettled([failed, list.receiveFirst()]);
  if (names.status === "rejected") throw names.reason;
  if (entries.status === "rejected") throw entries.reason;
}

/** Says how it is received. */
function tellWhetherDeltas(session: Session): void {
  const { options } = session;
  if (!options.debugLists) return;
  session.notice(
    "info",
    options.wholeFile
      ? "delta-transmission disabled for local transfer or --whole-file"
      : "delta-transmission enabled",
  );
}

/** A listing touches nothing. */
function nowhere(): Destination {
  return emptyDestination({ superUser: false, groups: new Set<number>(), umask: 0 });
}

/** The receiver's part up to the last answer of the sender. */
async function receiveToEnd(session: Session, receiver: Receiver, phases: Phases): Promise<void> {
  const { protocol, isServer, input, statistics } = session;
  await receiver.run();
  session.countWireBytes();
  if (!isServer) {
    const remote = await input.read((cursor) => readSenderStatistics(cursor, protocol));
    // What the sender wrote is what we received, and the other way round.
    statistics.bytesReceived = remote.bytesWritten;
    statistics.bytesSent = remote.bytesRead;
    statistics.listBuildMs = remote.listBuildMs;
    statistics.listTransferMs = remote.listTransferMs;
  }
  if (protocol < 31) return;
  while (phases.answered < 4) await receiver.mark((await session.readItem()).ndx);
}

/** Waits for both roles; when one fails the other one is made to stop, and the first failure is thrown. */
async function together(
  session: Session,
  phases: Phases,
  generator: Promise<void>,
  receiver: Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  const onFailure = (error: unknown): never => {
    failures.push(error);
    const reason = RsyncError.from(error);
    session.input.abort(reason);
    session.output.abort(reason);
    phases.fail(reason);
    throw error;
  };
  await Promise.allSettled([generator.catch(onFailure), receiver.catch(onFailure)]);
  if (failures.length > 0) throw failures[0];
}
