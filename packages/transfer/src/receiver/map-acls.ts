/**
 * The users and groups that ACLs name, turned into ours as owners are (spec 2-file-list, 2.9.3 and 2.12.2).
 * @module
 */
import type { FileEntry, WireAcl } from "@tsrsync/protocol/file-list";
import type { IdMap } from "./map-ids.js";

export class AclIdMap {
  readonly #users: IdMap;
  readonly #groups: IdMap;
  /** Entries share ACLs, also those of different lists. */
  readonly #mapped = new WeakMap<WireAcl, WireAcl>();

  constructor(users: IdMap, groups: IdMap) {
    this.#users = users;
    this.#groups = groups;
  }

  /** Takes the names that came inside ACLs: they may be those of owners too. */
  announce(entries: readonly FileEntry[]): void {
    for (const { extra } of entries) {
      if (extra === null) continue;
      for (const acl of [extra.accessAcl, extra.defaultAcl]) {
        if (acl !== null && !this.#mapped.has(acl)) this.#announceNames(acl);
      }
    }
  }

  #announceNames({ named }: WireAcl): void {
    for (const { id, isUser, name } of named) {
      if (name !== null) (isUser ? this.#users : this.#groups).announce([{ id, name }]);
    }
  }

  /** Gives the entries ACLs with our ids. */
  applyTo(entries: readonly FileEntry[]): void {
    for (const { extra } of entries) {
      if (extra === null) continue;
      if (extra.accessAcl !== null) extra.accessAcl = this.#map(extra.accessAcl);
      if (extra.defaultAcl !== null) extra.defaultAcl = this.#map(extra.defaultAcl);
    }
  }

  #map(acl: WireAcl): WireAcl {
    const known = this.#mapped.get(acl);
    if (known !== undefined) return known;
    const named = acl.named.map((entry) => ({
      ...entry,
      id: (entry.isUser ? this.#users : this.#groups).localId(entry.id),
    }));
    const mapped = { ...acl, named };
    this.#mapped.set(acl, mapped);
    return mapped;
  }
}
