/**
 * Sections: maps whose keys are known.
 * @module
 */

import { nearestName } from "../nearest.js";
import type { ConfigNode, MapNode } from "../node.js";
import { emptyMap } from "../node.js";
import type { Place } from "../problem.js";
import { type JsonSchema, type Reader, type Shape, wrongType } from "./shape.js";

/** One key of a section. */
export interface Key<T> {
  readonly shape: Shape<T>;
  /** Its value when it is not there, or undefined when it must be there. */
  readonly fallback: T | undefined;
  /** A line for the reference. */
  readonly doc: string;
  /** The default in words, where the value does not say it. */
  readonly shown?: string;
}

/** The keys of a section. */
export type Keys<T> = { readonly [K in keyof T]-?: Key<T[K]> };

export interface SectionRules {
  /** Keys of what this version does not have, with what they are for. */
  readonly later?: Readonly<Record<string, string>>;
  /** Keys that stand elsewhere, with where. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Of each group at most one may be set; one that is set drops the others where it inherits them. */
  readonly exclusive?: readonly (readonly string[])[];
  /** One of these must be set. */
  readonly oneOf?: readonly string[];
}

/** A map whose keys are known. */
export interface Section<T> extends Shape<T> {
  readonly keys: Keys<T>;
  readonly rules: SectionRules;
  /** What it is when nothing is written; undefined when some key must be there. */
  readonly fallback: T | undefined;
}

/** A key that may be left out. */
export function key<T>(shape: Shape<T>, fallback: T, doc: string, shown?: string): Key<T> {
  return { shape, fallback, doc, ...(shown === undefined ? {} : { shown }) };
}

/** A key that must be there. */
export function required<T>(shape: Shape<T>, doc: string): Key<T> {
  return { shape, fallback: undefined, doc };
}

/** A key that holds a section; left out, all of the section is at its defaults. */
export function part<T>(shape: Section<T>, doc: string): Key<T> {
  return { shape, fallback: shape.fallback, doc };
}

/** Declares a section. */
export function section<T>(label: string, keys: Keys<T>, rules: SectionRules = {}): Section<T> {
  const names = Object.keys(keys) as (keyof T & string)[];
  const self: Section<T> = {
    label,
    keys,
    rules,
    schema: sectionSchema(keys as Keys<Record<string, unknown>>, rules),
    fallback: fallbackOf(keys, names),
    get section(): Section<unknown> {
      return self;
    },
    read(node, reader) {
      if (node.kind !== "map") return wrongType(node, `a section (${label})`, reader);
      checkKeys(node, names, rules, reader);
      return readKeys(node, keys, names, rules, reader);
    },
    show: (value) => JSON.stringify(value),
  };
  return self;
}

function readKeys<T>(
  node: MapNode,
  keys: Keys<T>,
  names: readonly (keyof T & string)[],
  rules: SectionRules,
  reader: Reader,
): T | undefined {
  const result: Partial<T> = {};
  let complete = true;
  for (const name of names) {
    const { shape, fallback } = keys[name];
    const entry = node.entries.get(name);
    const isDropped = entry === undefined && isExcluded(node, name, rules);
    // Keys that exclude each other may all be null.
    const absent = isDropped ? (null as T[typeof name]) : fallback;
    const value = entry === undefined ? absent : shape.read(entry.node, reader);
    if (value === undefined) {
      if (entry === undefined) reader.problems.add(node.place, `the key "${name}" is missing`);
      complete = false;
    } else {
      result[name] = value;
    }
  }
  return complete ? (result as T) : undefined;
}

function checkKeys(
  node: MapNode,
  names: readonly string[],
  rules: SectionRules,
  reader: Reader,
): void {
  for (const [name, { keyPlace }] of node.entries) {
    if (!names.includes(name)) reader.problems.add(keyPlace, unknownKey(name, names, rules));
  }
  for (const group of rules.exclusive ?? []) {
    const given = group.filter((name) => isSet(node, name));
    if (given.length > 1) {
      reader.problems.add(
        node.entries.get(given[1]!)!.keyPlace,
        `"${given[0]}" and "${given[1]}" exclude each other`,
      );
    }
  }
  if (rules.oneOf !== undefined && !rules.oneOf.some((name) => isSet(node, name))) {
    reader.problems.add(node.place, `one of the keys ${quoted(rules.oneOf)} is missing`);
  }
}

/** Whether one of the keys that exclude this one is set. */
function isExcluded(node: MapNode, name: string, { exclusive }: SectionRules): boolean {
  const group = exclusive?.find((names) => names.includes(name)) ?? [];
  return group.some((other) => other !== name && isSet(node, other));
}

/** Whether a key has a value; `null` is none. */
export function isSet(node: MapNode, name: string): boolean {
  const value = node.entries.get(name)?.node;
  return value !== undefined && !(value.kind === "scalar" && value.value === null);
}

/** What to say about a key that does not belong. */
export function unknownKey(name: string, names: readonly string[], rules: SectionRules): string {
  const later = Object.hasOwn(rules.later ?? {}, name) ? rules.later![name] : undefined;
  if (later !== undefined) return `"${name}": this version does not have ${later}`;
  const elsewhere = Object.hasOwn(rules.elsewhere ?? {}, name) ? rules.elsewhere![name] : undefined;
  if (elsewhere !== undefined) return `"${name}" does not belong here: ${elsewhere}`;
  const near = nearestName(name, names);
  const advice = near === null ? `known keys are ${quoted(names)}` : `did you mean "${near}"?`;
  return `unknown key ${JSON.stringify(name.slice(0, 80))}; ${advice}`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/** The defaults of a section, or undefined when some key must be there. */
function fallbackOf<T>(keys: Keys<T>, names: readonly (keyof T & string)[]): T | undefined {
  const result: Partial<T> = {};
  for (const name of names) {
    const { fallback } = keys[name];
    if (fallback === undefined) return undefined;
    result[name] = fallback;
  }
  return result as T;
}

function sectionSchema(keys: Keys<Record<string, unknown>>, rules: SectionRules): JsonSchema {
  const all = Object.entries(keys);
  const needed = all.filter(([, { fallback }]) => fallback === undefined).map(([name]) => name);
  return {
    type: "object",
    additionalProperties: false,
    properties: Object.fromEntries(
      all.map(([name, { shape, doc }]) => [name, { ...shape.schema, description: doc }]),
    ),
    ...(needed.length === 0 ? {} : { required: needed }),
    ...(rules.oneOf === undefined
      ? {}
      : { anyOf: rules.oneOf.map((name) => ({ required: [name] })) }),
  };
}

/** `over` laid upon `base`: sections key by key, everything else as a whole. */
export function mergeNodes(
  shape: Section<unknown>,
  base: ConfigNode,
  over: ConfigNode,
): ConfigNode {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const entries = new Map(base.entries);
  for (const group of shape.rules.exclusive ?? []) {
    if (group.some((name) => isSet(over, name))) for (const name of group) entries.delete(name);
  }
  const keys = shape.keys as Readonly<Record<string, Key<unknown> | undefined>>;
  for (const [name, entry] of over.entries) {
    const below = entries.get(name);
    const inner = Object.hasOwn(keys, name) ? keys[name]?.shape.section : undefined;
    const node = below && inner ? mergeNodes(inner, below.node, entry.node) : entry.node;
    entries.set(name, { ...entry, node });
  }
  return { kind: "map", entries, place: over.place };
}

/** Only the entries of a map that a section knows. */
export function pickKeys(
  node: ConfigNode | undefined,
  shape: Section<unknown>,
  place: Place | undefined = node?.place,
): MapNode {
  const entries = node?.kind === "map" ? node.entries : new Map();
  const known = shape.keys as Readonly<Record<string, unknown>>;
  const picked = [...entries].filter(([name]) => Object.hasOwn(known, name));
  const at = place ?? { source: "", line: 0, column: 0 };
  return { ...emptyMap(at), entries: new Map(picked) };
}
