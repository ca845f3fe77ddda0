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

/** Opens a directory of this machine as destination; null when nothing is to be written. */
export function localDestination(
  session: Session,
  path: ByteString | null,
): OpenDestination | null {
  if (path === null || session.options.listOnly) return null;
  return (lists) => {
    const within = confinementOf(session.options.confineRoot);
    return openDestination(session, lists, {
      place: localPlace(within),
      path,
      privileges: processPrivileges(),
      filterPlaceOf: (directory) => localFilterPlace(directory, within),
      describe: describeLocal,
    });
  };
}

/** The directories that a session sends: those of `place`, or of this machine if nothing else is said. */
export function sourcesOf({ options }: Session, place?: SourcePlace): Sources {
  return new Sources(place ?? localSources(confinementOf(options.confineRoot)));
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
  if (transfer.direction === "push") {
    await runSender(
      session,
      { sources: sourcesOf(session, place), paths: transfer.sources, ...chosen },
      systemIdentities(),
    );
    return;
  }
  await runReceiver(session, localDestination(session, transfer.destination), systemIdentities());
}
