/**
 * `include`: more files, whose lists are added to those of the first.
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import type { ConfigNode, MapEntry, MapNode } from "../node.js";
import type { Place, ProblemList } from "../problem.js";
import { list } from "../shape/composites.js";
import { TEXT } from "../shape/scalars.js";
import { decodeUtf8, readConfigFile } from "./read-file.js";
import type { ConfigWorld } from "./world.js";
import { type YamlSource, yamlNodes } from "./yaml-nodes.js";

const MAX_DEPTH = 8;
const MAX_FILES = 1000;

/** Reads a YAML text and all that it includes, as one map. */
export function yamlWithIncludes(
  source: YamlSource,
  world: ConfigWorld,
  problems: ProblemList,
): MapNode {
  return new Includer(world, problems).read(source, [resolve(source.directory, source.name)]);
}

class Includer {
  readonly #world: ConfigWorld;
  readonly #problems: ProblemList;
  #files = 0;

  constructor(world: ConfigWorld, problems: ProblemList) {
    this.#world = world;
    this.#problems = problems;
  }

  read(source: YamlSource, above: readonly string[]): MapNode {
    const own = yamlNodes(source, this.#world, this.#problems);
    const include = own.entries.get("include")?.node;
    if (include === undefined) return own;
    const entries = new Map(own.entries);
    entries.delete("include");
    let merged: MapNode = { ...own, entries };
    for (const path of this.#paths(include, source)) {
      merged = this.#add(merged, path, include.place, above);
    }
    return merged;
  }

  #paths(include: ConfigNode, source: YamlSource): string[] {
    const reader = {
      problems: this.#problems,
      warnings: [],
      accounts: this.#world,
      readFile: () => null,
    };
    const shape = include.kind === "list" ? list(TEXT) : TEXT;
    const patterns = [shape.read(include, reader) ?? []].flat();
    return patterns.flatMap((pattern) =>
      this.#expand(resolve(source.directory, pattern), include.place),
    );
  }

  #expand(pattern: string, place: Place): string[] {
    const name = basename(pattern);
    if (!/[*?]/.test(name)) return [pattern];
    const expression = new RegExp(
      `^${name
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
    );
    try {
      const names = this.#world.readDirectory(dirname(pattern));
      const fitting = names.filter((each) => !each.startsWith(".") && expression.test(each));
      return fitting.toSorted().map((each) => join(dirname(pattern), each));
    } catch (error) {
      this.#problems.add(place, `can not include ${pattern}: ${(error as Error).message}`);
      return [];
    }
  }

  #add(merged: MapNode, path: string, place: Place, above: readonly string[]): MapNode {
    if (above.includes(path)) {
      this.#problems.add(place, `${path} includes itself`);
      return merged;
    }
    if (above.length > MAX_DEPTH || ++this.#files > MAX_FILES) {
      this.#problems.add(place, "too many files are included");
      return merged;
    }
    const bytes = readConfigFile(path, place, this.#world, this.#problems);
    const text = bytes === null ? null : decodeUtf8(bytes);
    if (text === null) {
      if (bytes !== null) this.#problems.add(place, `${path} is not UTF-8`);
      return merged;
    }
    const source = { text, name: path, directory: dirname(path) };
    return this.#merge(merged, this.read(source, [...above, path]));
  }

  /** Lists are joined, maps too; what only one place can say may be said once. */
  #merge(into: MapNode, from: MapNode): MapNode {
    const entries = new Map(into.entries);
    for (const [name, entry] of from.entries) {
      const before = entries.get(name);
      entries.set(name, before === undefined ? entry : this.#join(name, before, entry));
    }
    return { ...into, entries };
  }

  #join(name: string, before: MapEntry, entry: MapEntry): MapEntry {
    const [a, b] = [before.node, entry.node];
    if (a.kind === "list" && b.kind === "list")
      return { ...before, node: { ...a, items: [...a.items, ...b.items] } };
    if (a.kind === "map" && b.kind === "map") return { ...before, node: this.#merge(a, b) };
    const isSame = a.kind === "scalar" && b.kind === "scalar" && a.text === b.text;
    if (!isSame) {
      const { source, line } = before.keyPlace;
      this.#problems.add(entry.keyPlace, `"${name}" was set already, in ${source}:${line}`);
    }
    return before;
  }
}
