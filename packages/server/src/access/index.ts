/**
 * Who may connect: host lists, names of clients, and how many at a time.
 * @module
 */
export { normalizeAddress } from "./address.js";
export {
  type AccessRules,
  type AccessServices,
  type AccessVerdict,
  checkAccess,
  isTrustedProxy,
} from "./check-access.js";
export { lookUpClientName, UNDETERMINED, UNKNOWN } from "./client-name.js";
export {
  type ConnectionSlot,
  ConnectionSlots,
  type SlotClaim,
  type SlotRefusal,
} from "./connection-slots.js";
export type { ClientPeer } from "./host-token.js";
export { type HostResolver, lookupReason, SYSTEM_RESOLVER } from "./resolver.js";
export { type SlotLocks, slotLocks } from "./slot-locks.js";
