/**
 * Whether the receiver writes over the file that it takes blocks from (spec 3-transfer, 5.2 rule 5).
 * @module
 */
import { CF_INPLACE_PARTIAL_DIR } from "@tsrsync/protocol/handshake";
import { BasisType, type ItemRecord } from "@tsrsync/protocol/item";
import type { Session } from "../session/session.js";

/** True when only blocks may be used that are still there when it is their turn. */
export function overwritesBasis(session: Session, { basisType }: ItemRecord): boolean {
  const { options, protocol, compatFlags } = session;
  if (basisType === BasisType.PartialDir && compatFlags & CF_INPLACE_PARTIAL_DIR) return true;
  if (!options.inplace) return false;
  return protocol >= 29 ? basisType === BasisType.Destination : !options.backup;
}
