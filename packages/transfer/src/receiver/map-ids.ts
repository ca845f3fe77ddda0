/**
 * From the sender's user and group ids to ours: by the rules of the user, else by name where there is one, else by number (spec 2-file-list, 2.9.3).
 * @module
 */
import type { FileEntry } from "@tsrsync/protocol/file-list";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { IdRule, NameLookup } from "./id-rules.js";

interface NamedId {
  readonly id: number;
  readonly name: ByteString;
}

/** The users, or the groups, of one session. */
export class IdMap {
  readonly #lookup: NameLookup;
  readonly #rules: readonly IdRule[];
  readonly #nameOfZero: ByteString;
  /** Without rules only ids that have another number here. */
  readonly #local = new Map<number, number>();

  /**
   * `lookup` finds the local id of a name; `rules` come before names. Old senders do not name id 0: it then has the name
   * `nameOfZero`.
   */
  constructor(lookup: NameLookup, rules: readonly IdRule[] = [], nameOfZero: ByteString = "") {
    this.#lookup = lookup;
    this.#rules = rules;
    this.#nameOfZero = nameOfZero;
  }

  /** Takes names of ids. Id 0 stays 0 without a rule for it, and a name that we do not have stays a number. */
  announce(announced: readonly NamedId[]): void {
    for (const { id, name } of announced) {
      const local = this.#ruled(id, name) ?? (id === 0 ? null : this.#lookup(name)) ?? id;
      if (local !== id || this.#rules.length > 0) this.#local.set(id, local);
    }
  }

  #ruled(id: number, name: ByteString): number | null {
    for (const rule of this.#rules) if (rule.matches(id, name)) return rule.local;
    return null;
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
    if (this.#local.size === 0 && this.#rules.length === 0) return;
    for (const entry of entries) entry[field] = this.localId(entry[field]);
  }

  /** Ours for an id of the sender. */
  localId(id: number): number {
    const known = this.#local.get(id);
    if (known !== undefined || this.#rules.length === 0) return known ?? id;
    const local = this.#ruled(id, id === 0 ? this.#nameOfZero : "") ?? id;
    this.#local.set(id, local);
    return local;
  }
}
