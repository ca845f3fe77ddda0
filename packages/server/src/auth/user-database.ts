/**
 * The users and groups of this machine, as far as logins and modules need them.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type Account, accounts, type Group, groups } from "@tsrsync/transfer";

/** Where users and groups come from. */
export interface UserDatabase {
  accounts(): readonly Account[];
  groups(): readonly Group[];
}

/** The users and groups of this machine, as they are at each call. */
export const SYSTEM_USERS: UserDatabase = { accounts, groups };

/** The groups of a user: the primary one first, whether or not it has a name, then those that list the user. */
export function groupIdsOf({ name, gid }: Account, database: UserDatabase): number[] {
  const member = database.groups().filter(({ members }) => members.includes(name));
  return [...new Set([gid, ...member.map((group) => group.gid)])];
}

/** The names of the groups of a user; none for a user that the system does not know. */
export function groupNamesOf(user: ByteString, database: UserDatabase): ByteString[] {
  const account = database.accounts().find(({ name }) => name === user);
  if (account === undefined) return [];
  const ids = groupIdsOf(account, database);
  const names = new Map(database.groups().map(({ gid, name }) => [gid, name]));
  return ids.flatMap((id) => names.get(id) ?? []);
}
