/**
 * From the sender's user and group ids to ours: by name where there is one, else by number (spec 2-file-list, 2.9.3).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";

interface NamedId {
  readonly id: number;
  readonly name: ByteString;
}

/** The users, or the groups, of one session. */
export class IdMap {
  readonly #lookup: (name: ByteString) => number | null;
  /** Only ids that have another number here. */
  readonly #local = new Map<number, number>();

  /** `lookup` finds the local id of a name. */
  constructor(lookup: (name: ByteString) => number | null) {
    this.#lookup = lookup;
  }

  /** Takes names of ids. Id 0 stays 0, and a name that we do not have stays a number. */
  announce(announced: readonly NamedId[]): void {
    for (const { id, name } of announced) {
      const local = id === 0 ? null : this.#lookup(name);
      if (local !== null && local !== id) this.#local.set(id, local);
    }
  }

  /** Replaces the ids of `entries` in place, taking the names that came with them first. */
  applyTo(
    entries: readonly FileEntry[],
    field: "uid" | "gid",
    nameField: "userName" | "groupName",
  ): void {
    for (const entry of entries) {
      const name = entry.extra?.[nameField] ?? null;
      if (name !== null) this.announce([{ id: entry[field], name }]);
    }
    if (this.#local.size === 0) return;
    for (const entry of entries) entry[field] = this.#local.get(entry[field]) ?? entry[field];
  }
}
