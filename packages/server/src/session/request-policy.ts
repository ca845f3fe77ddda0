/**
 * What a module allows its clients to ask for (spec 5-daemon, 5.9.2 and 5.9.3).
 * @module
 */
import { RsyncError, UnsupportedError, UsageError } from "@tsrsync/protocol";
import { refusalText, type ServerRequest } from "@tsrsync/protocol/arguments";
import { refuseUnsupported } from "@tsrsync/transfer";
import { refusedOption } from "./refuse-options.js";
import type { SessionRequest } from "./session-request.js";

/** Why a request is not served, or `null`. */
export function checkRequest(session: SessionRequest, request: ServerRequest): RsyncError | null {
  const { module } = session;
  const refused = refusedOption(module, request);
  if (refused !== null) return new UnsupportedError(refusalText(refused));
  if (request.isSender && module.writeOnly) return new UsageError("ERROR: module is write only");
  if (!request.isSender && session.readOnly) return new UsageError("ERROR: module is read only");
  try {
    refuseUnsupported(request.givenOptions, request.settings.compressChoice);
    return null;
  } catch (error) {
    return RsyncError.from(error);
  }
}
