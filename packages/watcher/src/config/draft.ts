/**
 * Building nodes by hand, with remarks: for what is converted from other formats.
 * @module
 */
import type { ConfigNode, MapEntry, MapNode } from "./node.js";
import type { Place } from "./problem.js";

export type DraftValue = string | number | boolean | null | ConfigNode | readonly DraftValue[];

/** A value as a node. Texts are texts, whatever they look like. */
export function toNode(value: DraftValue, place: Place): ConfigNode {
  if (Array.isArray(value)) {
    return {
      kind: "list",
      items: (value as readonly DraftValue[]).map((item) => toNode(item, place)),
      place,
    };
  }
  if (typeof value === "object" && value !== null) return value as ConfigNode;
  return { kind: "scalar", value: value as string, text: String(value), place };
}

/** A map that is filled key by key. */
export class DraftMap {
  readonly #entries = new Map<string, DraftMap | MapEntry>();
  readonly #place: Place;
  #comment: string | undefined;

  constructor(place: Place, comment?: string) {
    this.#place = place;
    this.#comment = comment;
  }

  /** The section of that name, made when it is not there yet. */
  section(name: string, comment?: string): DraftMap {
    const before = this.#entries.get(name);
    if (before instanceof DraftMap) return before;
    const made = new DraftMap(this.#place, comment);
    this.#entries.set(name, made);
    return made;
  }

  /** Sets a key; `comment` goes above it. */
  set(name: string, value: DraftValue, comment?: string, place: Place = this.#place): this {
    this.#entries.set(name, {
      keyPlace: place,
      node: toNode(value, place),
      ...(comment ? { comment } : {}),
    });
    return this;
  }

  /** Adds a line to the remark above the map. */
  remark(line: string): void {
    this.#comment = this.#comment === undefined ? line : `${this.#comment}\n${line}`;
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  build(): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of this.#entries) {
      if (!(entry instanceof DraftMap)) entries.set(name, entry);
      else if (!entry.isEmpty || entry.#comment !== undefined) entries.set(name, entry.#asEntry());
    }
    const comment = this.#comment;
    return {
      kind: "map",
      entries,
      place: this.#place,
      ...(comment === undefined ? {} : { comment }),
    };
  }

  #asEntry(): MapEntry {
    const { comment, ...node } = this.build();
    return { keyPlace: this.#place, node, ...(comment === undefined ? {} : { comment }) };
  }
}
