/**
 * Users and groups as /etc/passwd and /etc/group have them. Read again when the files change, within a second.
 * @module
 */
import { readFileSync, statSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { Identities } from "./identities.js";

/** One account of /etc/passwd. */
export interface Account {
  name: ByteString;
  uid: number;
  gid: number;
}

/** One group of /etc/group. */
export interface Group {
  name: ByteString;
  gid: number;
  members: readonly ByteString[];
}

/** A file is looked at again after so long: whoever runs many sessions in a second does not look for each. */
const FRESH_MS = 1000;

/** Lines of a colon-separated file, parsed, as long as the file does not change. */
class CachedTable<T> {
  readonly #path: string;
  readonly #parse: (fields: string[]) => T | null;
  #rows: readonly T[] = [];
  #version = "";
  #freshUntil = Number.NEGATIVE_INFINITY;

  constructor(path: string, parse: (fields: string[]) => T | null) {
    this.#path = path;
    this.#parse = parse;
  }

  rows(): readonly T[] {
    const now = performance.now();
    if (now < this.#freshUntil) return this.#rows;
    this.#freshUntil = now + FRESH_MS;
    try {
      const { mtimeNs, size } = statSync(this.#path, { bigint: true });
      const version = `${mtimeNs}:${size}`;
      if (version !== this.#version) {
        const lines = readFileSync(this.#path, "latin1").split("\n");
        this.#rows = lines.flatMap((line) => this.#parse(line.split(":")) ?? []);
        this.#version = version;
      }
    } catch {
      // Without the file (another system, a chroot) nobody has a name.
      this.#rows = [];
      this.#version = "";
    }
    return this.#rows;
  }
}

function parseId(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}

const accountTable = new CachedTable<Account>("/etc/passwd", ([name, , uid, gid]) => {
  const [user, group] = [parseId(uid), parseId(gid)];
  return name && user !== null && group !== null ? { name, uid: user, gid: group } : null;
});

const groupTable = new CachedTable<Group>("/etc/group", ([name, , gid, members]) => {
  const id = parseId(gid);
  return name && id !== null
    ? { name, gid: id, members: (members ?? "").split(",").filter(Boolean) }
    : null;
});

/** All accounts of this machine. */
export function accounts(): readonly Account[] {
  return accountTable.rows();
}

/** All groups of this machine. */
export function groups(): readonly Group[] {
  return groupTable.rows();
}

/** The first of several rows with the same key counts, as with the system's own lookups. */
function firstByKey<T, K, V>(rows: readonly T[], pick: (row: T) => [K, V]): Map<K, V> {
  return new Map(rows.map(pick).reverse());
}

/** Made of the rows of both files; made anew when those are. */
let known: { users: readonly Account[]; groups: readonly Group[]; identities: Identities } | null =
  null;

/** The users and groups of this machine, as they are now (but for a second): for the length of one session. */
export function systemIdentities(): Identities {
  const users = accounts();
  const allGroups = groups();
  if (known === null || known.users !== users || known.groups !== allGroups) {
    known = { users, groups: allGroups, identities: identitiesOf(users, allGroups) };
  }
  return known.identities;
}

function identitiesOf(users: readonly Account[], allGroups: readonly Group[]): Identities {
  const userNames = firstByKey(users, ({ uid, name }) => [uid, name]);
  const userIds = firstByKey(users, ({ name, uid }) => [name, uid]);
  const groupNames = firstByKey(allGroups, ({ gid, name }) => [gid, name]);
  const groupIds = firstByKey(allGroups, ({ name, gid }) => [name, gid]);
  return {
    userName: (uid) => userNames.get(uid) ?? null,
    groupName: (gid) => groupNames.get(gid) ?? null,
    userId: (name) => userIds.get(name) ?? null,
    groupId: (name) => groupIds.get(name) ?? null,
  };
}
