/**
 * Names of users and groups, as far as file lists need them.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** Looks up users and groups of this machine; `null` when there is no such one. */
export interface Identities {
  userName(uid: number): ByteString | null;
  groupName(gid: number): ByteString | null;
  userId(name: ByteString): number | null;
  groupId(name: ByteString): number | null;
}

/** Nobody has a name: ids are taken as they are. */
export const NO_IDENTITIES: Identities = {
  userName: () => null,
  groupName: () => null,
  userId: () => null,
  groupId: () => null,
};
