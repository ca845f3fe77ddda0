/**
 * YAML into nodes.
 * @module
 */
import { resolve } from "node:path";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type Node as YamlNode,
} from "yaml";
import type { ConfigNode, MapEntry, MapNode, ScalarNode } from "../node.js";
import { emptyMap } from "../node.js";
import type { Place, ProblemList } from "../problem.js";
import { fillIn } from "./fill-in.js";
import type { ConfigWorld } from "./world.js";

/** More nodes than any configuration has; aliases of aliases would make any number. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 64;

const FILE_TAG = { tag: "!file", resolve: (text: string) => text };

/** A text in YAML's core schema, with `!file`. */
export interface YamlSource {
  readonly text: string;
  /** For messages. */
  readonly name: string;
  /** What `!file` is relative to. */
  readonly directory: string;
}

/** Reads YAML. Problems of syntax are noted, and give an empty map. */
export function yamlNodes(
  source: YamlSource,
  world: Pick<ConfigWorld, "environment">,
  problems: ProblemList,
): MapNode {
  const lines = new LineCounter();
  const document = parseDocument(source.text, {
    schema: "core",
    version: "1.2",
    customTags: [FILE_TAG],
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    stringKeys: true,
  });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { source: source.name, line, column: col };
  };
  for (const { pos, message } of [...document.errors, ...document.warnings]) {
    const isTooDeep = message.startsWith("Maximum call stack");
    problems.add(placeAt(pos[0]), isTooDeep ? "nested too deeply" : firstLine(message));
    if (isTooDeep) break;
  }
  const top = placeAt(0);
  if (document.errors.length > 0 || document.contents === null) {
    if (document.errors.length === 0) problems.add(top, "the configuration is empty");
    return emptyMap(top);
  }
  const builder = new NodeBuilder(document, source, world, problems, placeAt);
  const node = builder.build(document.contents, 0);
  if (node.kind === "map") return node;
  problems.add(node.place, "expected a map of keys at the top");
  return emptyMap(top);
}

class NodeBuilder {
  readonly #document: Document;
  readonly #source: YamlSource;
  readonly #world: Pick<ConfigWorld, "environment">;
  readonly #problems: ProblemList;
  readonly #placeAt: (offset: number) => Place;
  /** Finding an anchor takes a walk through the document. */
  readonly #anchors = new Map<Alias, YamlNode | undefined>();
  #count = 0;

  constructor(
    document: Document,
    source: YamlSource,
    world: Pick<ConfigWorld, "environment">,
    problems: ProblemList,
    placeAt: (offset: number) => Place,
  ) {
    this.#document = document;
    this.#source = source;
    this.#world = world;
    this.#problems = problems;
    this.#placeAt = placeAt;
  }

  build(node: YamlNode | null | undefined, depth: number): ConfigNode {
    const place = this.#placeAt(node?.range?.[0] ?? 0);
    if (++this.#count > MAX_NODES || depth > MAX_DEPTH) {
      this.#problems.add(
        place,
        "the configuration is too large or too deep (aliases count for what they stand for)",
      );
      return emptyMap(place);
    }
    if (isAlias(node)) return this.#alias(node, place, depth);
    if (isMap(node)) return this.#map(node, place, depth);
    if (isSeq(node)) {
      return {
        kind: "list",
        place,
        items: node.items.map((item) => this.build(item as YamlNode | null, depth + 1)),
      };
    }
    return isScalar(node) ? this.#scalar(node, place) : nullNode(place);
  }

  #alias(node: Alias, place: Place, depth: number): ConfigNode {
    if (!this.#anchors.has(node)) this.#anchors.set(node, node.resolve(this.#document));
    const target = this.#anchors.get(node);
    if (target !== undefined) return this.build(target, depth + 1);
    this.#problems.add(place, `the alias *${node.source} stands for nothing`);
    return nullNode(place);
  }

  #map(node: YAMLMap, place: Place, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const { key, value } of node.items) {
      if (this.#count > MAX_NODES) break;
      const name = isScalar(key) ? String(key.value) : "";
      const keyPlace = isScalar(key) ? this.#placeAt(key.range?.[0] ?? 0) : place;
      const inner = this.build(value as YamlNode | null, depth + 1);
      // `key:` with nothing behind it has no place of its own.
      const missing = value === null || (value as YamlNode).range?.[0] === undefined;
      entries.set(name, { keyPlace, node: missing ? { ...inner, place: keyPlace } : inner });
    }
    return { kind: "map", entries, place };
  }

  #scalar(node: Scalar, place: Place): ConfigNode {
    const value = node.value;
    if (typeof value !== "string") return plainScalar(node, place);
    const filled = fillIn(value, this.#world.environment);
    if ("error" in filled) {
      this.#problems.add(place, filled.error);
      return { kind: "scalar", value, text: value, place };
    }
    if (node.tag === "!file")
      return { kind: "file", path: resolve(this.#source.directory, filled.text), place };
    const untyped = node.type === "PLAIN" && filled.text !== value;
    return {
      kind: "scalar",
      value: filled.text,
      text: filled.text,
      place,
      ...(untyped ? { untyped } : {}),
      ...(filled.variable === undefined ? {} : { variable: filled.variable }),
    };
  }
}

function plainScalar({ value, source }: Scalar, place: Place): ScalarNode {
  const known = typeof value === "number" || typeof value === "boolean" ? value : null;
  return { kind: "scalar", value: known, text: source ?? String(known), place };
}

function nullNode(place: Place): ScalarNode {
  return { kind: "scalar", value: null, text: "null", place };
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0]!;
}
