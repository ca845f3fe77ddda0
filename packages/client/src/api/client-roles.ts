/**
 * What a client does in a session: it sends local files, or receives into a local directory.
 * @module
 */
import type { Transfer } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type OpenDestination,
  openDestination,
  processPrivileges,
  runReceiver,
  runSender,
  type Session,
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

/** Runs the client's role to the end of the session. */
export async function transferFiles(session: Session, transfer: Transfer): Promise<void> {
  if (transfer.direction === "push") {
    await runSender(
      session,
      { sources: new Sources(LOCAL_SOURCES), paths: transfer.sources },
      systemIdentities(),
    );
    return;
  }
  await runReceiver(session, localDestination(session, transfer.destination), systemIdentities());
}
