/**
 * The sender's table of users or groups that it has named to the receiver. Spec: docs/protocol/2-file-list.md, 2.9.
 * @module
 */
import type { ByteString } from "../wire/index.js";

/** The name of a user or group id, `null` when it has none. */
export type IdLookup = (id: number) => ByteString | null;

/** An id and its name. */
export interface IdName {
  readonly id: number;
  readonly name: ByteString;
}

/** A name's length travels in one byte. */
const MAX_NAME = 255;

/** Ids met so far, each looked up once. */
export class AnnouncedIds {
  readonly #lookup: IdLookup | null;
  readonly #names: Map<number, ByteString | null> = new Map();

  /** `lookup` is `null` with `--numeric-ids`: then no id has a name. */
  constructor(lookup: IdLookup | null) {
    this.#lookup = lookup;
  }

  /** Notes an id; its name if this is the first time and it has one, else `null`. */
  announce(id: number): ByteString | null {
    if (this.#names.has(id)) return null;
    const name = this.nameOf(id);
    this.#names.set(id, name);
    return name;
  }

  /** The name of any id, or `null`. */
  nameOf(id: number): ByteString | null {
    const name = this.#lookup?.(id) ?? null;
    return name === null || name === "" || name.length > MAX_NAME ? null : name;
  }

  /** The noted ids other than 0 that have names, latest first. */
  names(): IdName[] {
    const result: IdName[] = [];
    for (const [id, name] of this.#names) {
      if (id !== 0 && name !== null) result.push({ id, name });
    }
    return result.reverse();
  }
}
