/**
 * `uid` and `gid` of a module: who a session becomes. Spec: docs/protocol/5-daemon.md, 5.8.1.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ModuleParameters } from "../config/index.js";
import { splitList } from "./parameter-list.js";
import { groupIdsOf, SYSTEM_USERS, type UserDatabase } from "./user-database.js";

/** Who a session becomes; `null` leaves the process as it is. */
export interface ModuleIdentity {
  readonly uid: number | null;
  readonly gid: number | null;
  /** The supplementary groups, `gid` among them. */
  readonly groups: readonly number[];
}

/** An identity, or a line for the log and one for the client. */
export type IdentityResult =
  | { readonly ok: true; readonly identity: ModuleIdentity }
  | { readonly ok: false; readonly log: ByteString; readonly client: ByteString };

const MAX_ID = 0xffff_fffe; // one more means "no change" to the kernel
const UNPRIVILEGED_USER = "nobody";
const UNPRIVILEGED_GROUPS: readonly string[] = ["nogroup", "nobody"];

/** Names and numbers that mean nobody. */
class UnknownIdError extends Error {
  readonly client: ByteString;

  constructor(log: ByteString, client: ByteString) {
    super(log);
    this.client = client;
  }
}

/**
 * Looks up who the module's sessions become.
 * @param isRoot the daemon runs as root: then what is not set becomes an unprivileged user and group.
 */
export function resolveModuleIdentity(
  module: Pick<ModuleParameters, "uid" | "gid">,
  {
    users = SYSTEM_USERS,
    uid: ownUid = process.geteuid?.() ?? 0,
  }: { users?: UserDatabase; uid?: number } = {},
): IdentityResult {
  const isRoot = ownUid === 0;
  try {
    const uid = resolveUid(module.uid || (isRoot ? UNPRIVILEGED_USER : ""), users);
    const groupList = module.gid || (isRoot ? unprivilegedGroup(users) : "");
    const groups = resolveGroups(groupList, uid ?? ownUid, users);
    return { ok: true, identity: { uid, gid: groups[0] ?? null, groups } };
  } catch (error) {
    if (!(error instanceof UnknownIdError)) throw error;
    return { ok: false, log: error.message, client: error.client };
  }
}

/** The group for the unprivileged: its name differs from system to system. */
function unprivilegedGroup(users: UserDatabase): ByteString {
  const known = new Set(users.groups().map(({ name }) => name));
  return UNPRIVILEGED_GROUPS.find((name) => known.has(name)) ?? UNPRIVILEGED_GROUPS[0]!;
}

function parseId(text: ByteString): number | null {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_ID ? Number(text) : null;
}

function resolveUid(text: ByteString, users: UserDatabase): number | null {
  if (text === "") return null;
  const uid = parseId(text) ?? users.accounts().find(({ name }) => name === text)?.uid;
  if (uid !== undefined) return uid;
  throw new UnknownIdError(`Invalid uid ${text}`, `@ERROR: invalid uid ${text}`);
}

function resolveGroups(list: ByteString, uid: number, users: UserDatabase): number[] {
  if (list === "") return [];
  const items = splitList(list);
  // Separators alone would keep the groups of root.
  if (items.length === 0) throw unknownGroup(list);
  const takesAll = items[0] === "*";
  const first = takesAll ? allGroups(uid, users) : [];
  const named = items.slice(takesAll ? 1 : 0).map((item) => resolveGid(item, users));
  return [...new Set([...first, ...named])];
}

function resolveGid(text: ByteString, users: UserDatabase): number {
  const gid = parseId(text) ?? users.groups().find(({ name }) => name === text)?.gid;
  if (gid === undefined) throw unknownGroup(text);
  return gid;
}

function unknownGroup(text: ByteString): UnknownIdError {
  return new UnknownIdError(`Invalid gid ${text}`, `@ERROR: invalid gid ${text}`);
}

function allGroups(uid: number, users: UserDatabase): number[] {
  const account = users.accounts().find((candidate) => candidate.uid === uid);
  if (account === undefined) {
    throw new UnknownIdError(`getpwuid failed: no user ${uid}`, "@ERROR: getpwuid failed");
  }
  return groupIdsOf(account, users);
}
