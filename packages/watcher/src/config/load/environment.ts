/**
 * Keys that are set by environment variables: `TSRSYNC_DEFAULTS_BATCH_MAX_GAP=100ms`, `TSRSYNC_ROOTS_0_PATH=/data`.
 * @module
 */
import { parseDocument } from "yaml";
import { ROOT, TARGET, TOP } from "../keys/top.js";
import { nearestName } from "../nearest.js";
import { type ConfigNode, emptyMap, type MapNode, type ScalarNode } from "../node.js";
import type { Place, ProblemList } from "../problem.js";
import type { Section } from "../shape/section.js";

const PREFIX = "TSRSYNC_";
const MAX_INDEX = 9999;

/** Lays the variables upon a configuration. Those whose first part is no key are not ours. */
export function overlayEnvironment(
  top: MapNode,
  environment: Readonly<Record<string, string | undefined>>,
  problems: ProblemList,
): MapNode {
  let result: ConfigNode = top;
  for (const name of Object.keys(environment).toSorted()) {
    const value = environment[name];
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    const rest = name.slice(PREFIX.length);
    // Images like to say their version in the environment.
    if (rest === "VERSION" || startOf(rest, TOP) === null) continue;
    const place = { source: `environment ${name}`, line: 0, column: 0 };
    const path = pathOf(rest, TOP);
    if (typeof path === "string") problems.add(place, path);
    else result = setAt(result, path, untyped(value, place), place);
  }
  return result as MapNode;
}

type Step = string | number;

/** `stateDir` is STATE_DIR. */
function variableName(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
}

/** The longest key of a section that the name begins with, and what comes after it. */
function startOf(name: string, section: Section<unknown>): { key: string; rest: string } | null {
  let found: { key: string; rest: string } | null = null;
  for (const key of Object.keys(section.keys as Record<string, unknown>)) {
    const start = variableName(key);
    if (name !== start && !name.startsWith(`${start}_`)) continue;
    if (found === null || key.length > found.key.length)
      found = { key, rest: name.slice(start.length + 1) };
  }
  return found;
}

const LISTS: Readonly<Record<string, Section<unknown>>> = { roots: ROOT, targets: TARGET };

/** The way to the key that a variable means, or what is wrong with its name. */
function pathOf(name: string, section: Section<unknown>): Step[] | string {
  const start = startOf(name, section);
  if (start === null) {
    const names = Object.keys(section.keys as Record<string, unknown>).map(variableName);
    const near = nearestName(name, names);
    return `no key is called ${name}${near === null ? "" : `; did you mean ${near}?`}`;
  }
  if (start.rest === "") return [start.key];
  const item = Object.hasOwn(LISTS, start.key) ? LISTS[start.key] : undefined;
  const index = /^(\d{1,4})(?:_(.+))?$/.exec(start.rest);
  if (item !== undefined && index !== null && Number(index[1]) <= MAX_INDEX) {
    const below = index[2] === undefined ? [] : pathOf(index[2], item);
    return typeof below === "string" ? below : [start.key, Number(index[1]), ...below];
  }
  const keys = section.keys as Record<string, { shape: { section?: Section<unknown> } }>;
  const inner = keys[start.key]!.shape.section;
  if (inner === undefined) return `${variableName(start.key)} has no key ${start.rest}`;
  const below = pathOf(start.rest, inner);
  return typeof below === "string" ? below : [start.key, ...below];
}

/** Lists and maps are written as YAML does on one line; everything else is what the key takes. */
function untyped(text: string, place: Place): ConfigNode {
  if (/^\s*[[{]/.test(text)) {
    const document = parseDocument(text, { schema: "core" });
    if (document.errors.length === 0) return fromValue(document.toJS({ maxAliasCount: 0 }), place);
  }
  return scalar(text, place);
}

function scalar(text: string, place: Place): ScalarNode {
  return { kind: "scalar", value: text, text, untyped: true, place };
}

function fromValue(value: unknown, place: Place): ConfigNode {
  if (Array.isArray(value))
    return { kind: "list", items: value.map((item) => fromValue(item, place)), place };
  if (value === null || typeof value !== "object") return scalar(String(value), place);
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, { keyPlace: place, node: fromValue(inner, place) }] as const,
  );
  return { kind: "map", entries: new Map(entries), place };
}

function setAt(
  node: ConfigNode | undefined,
  [step, ...rest]: readonly Step[],
  value: ConfigNode,
  place: Place,
): ConfigNode {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const items = node?.kind === "list" ? [...node.items] : [];
    while (items.length < step) items.push(emptyMap(place));
    items[step] = setAt(items[step], rest, value, place);
    return { kind: "list", items, place: node?.place ?? place };
  }
  const entries = new Map(node?.kind === "map" ? node.entries : []);
  entries.set(step, { keyPlace: place, node: setAt(entries.get(step)?.node, rest, value, place) });
  return { kind: "map", entries, place: node?.kind === "map" ? node.place : place };
}
