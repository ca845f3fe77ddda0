/**
 * What a client does in a session: it sends local files, or receives into a local directory.
 * @module
 */
import type { Transfer } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
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
import { describeLocal, LOCAL_PLACE, LOCAL_SOURCES } from "./local-place.js";

/** Opens a directory of this machine as destination; null when nothing is to be written. */
export function localDestination(
  session: Session,
  path: ByteString | null,
): OpenDestination | null {
  if (path === null || session.options.listOnly) return null;
  return (lists) =>
    openDestination(session, lists, {
      place: LOCAL_PLACE,
      path,
      privileges: processPrivileges(),
      filterPlaceOf: localFilterPlace,
      describe: describeLocal,
    });
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
  { place = LOCAL_SOURCES, ...chosen }: PushSource = {},
): Promise<void> {
  if (transfer.direction === "push") {
    await runSender(
      session,
      { sources: new Sources(place), paths: transfer.sources, ...chosen },
      systemIdentities(),
    );
    return;
  }
  await runReceiver(session, localDestination(session, transfer.destination), systemIdentities());
}
