/**
 * What a client does in a session: it sends local files, or receives into a local directory.
 * @module
 */
import type { Transfer } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  confinementOf,
  type Hides,
  type OpenDestination,
  openDestination,
  type PathSelection,
  processPrivileges,
  runReceiver,
  runSender,
  type Session,
  type SourcePlace,
  Sources,
  systemIdentities,
} from "@tsrsync/transfer";
import { localFilterPlace } from "./filters.js";
import { describeLocal, localPlace, localSources } from "./local-place.js";
import { OpenedTrees } from "./opened-trees.js";

/** Opens a directory of this machine as destination; null when nothing is to be written. */
export function localDestination(
  session: Session,
  path: ByteString | null,
  opened: OpenedTrees = new OpenedTrees(),
): OpenDestination | null {
  if (path === null || session.options.listOnly) return null;
  return (lists) => {
    const within = confinementOf(session.options.confineRoot);
    return openDestination(session, lists, {
      place: opened.destination(localPlace(within)),
      path,
      privileges: processPrivileges(),
      filterPlaceOf: (directory) => localFilterPlace(directory, within),
      describe: describeLocal,
    });
  };
}

/** The directories of this machine that a session sends. */
export function sourcesOf({ options }: Session): Sources {
  return new Sources(localSources(confinementOf(options.confineRoot)));
}

/** What a push sends that its arguments do not say. */
export interface PushSource {
  /** Where the sources lie: on this machine if nothing else is said. */
  place?: SourcePlace | undefined;
  /** Exactly these items of the one source. */
  selection?: PathSelection | undefined;
  hides?: Hides | undefined;
}

/** Runs the client's role to the end of the session. */
export async function transferFiles(
  session: Session,
  transfer: Transfer,
  { place, ...chosen }: PushSource = {},
): Promise<void> {
  const opened = new OpenedTrees();
  if (transfer.direction === "push") {
    const local = localSources(confinementOf(session.options.confineRoot));
    const sources = new Sources(place ?? opened.sources(local));
    await runSender(session, { sources, paths: transfer.sources, ...chosen }, systemIdentities());
  } else {
    const destination = localDestination(session, transfer.destination, opened);
    await runReceiver(session, destination, systemIdentities());
  }
  // After a failure one of the roles may still be at work.
  await opened.close();
}
