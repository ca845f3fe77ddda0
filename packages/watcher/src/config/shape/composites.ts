/**
 * Shapes that are made of others.
 * @module
 */
import type { ConfigNode } from "../node.js";
import { type Reader, type Shape, wrongType } from "./shape.js";

/** A list. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    label: `list of: ${item.label}`,
    item,
    schema: { type: "array", items: item.schema },
    read(node, reader) {
      if (node.kind !== "list") return wrongType(node, "a list", reader);
      const values = node.items.map((each) => item.read(each, reader));
      return values.includes(undefined) ? undefined : (values as T[]);
    },
    show: (values) => `[${values.map((value) => item.show(value)).join(", ")}]`,
  };
}

/** A list of at least one. */
export function nonEmptyList<T>(item: Shape<T>): Shape<readonly T[]> {
  const inner = list(item);
  return {
    ...inner,
    schema: { ...inner.schema, minItems: 1 },
    read(node, reader) {
      const values = inner.read(node, reader);
      if (values?.length !== 0) return values;
      return wrongType(node, "a list with something in it", reader);
    },
  };
}

/** The value, or `null` for none. */
export function nullable<T>(inner: Shape<T>): Shape<T | null> {
  return {
    label: `${inner.label}, or \`null\``,
    schema: { anyOf: [inner.schema, { type: "null" }] },
    ...(inner.section === undefined ? {} : { section: inner.section }),
    read: (node, reader) => (isNull(node) ? null : inner.read(node, reader)),
    show: (value) => (value === null ? "null" : inner.show(value)),
  };
}

function isNull(node: ConfigNode): boolean {
  if (node.kind !== "scalar") return false;
  return (
    node.value === null || (node.untyped === true && (node.text === "null" || node.text === ""))
  );
}

/** A map with any keys, in the order in which they are written. */
export function mapOf<T>(
  keyLabel: string,
  item: Shape<T>,
  checkKey: (key: string) => string | null = () => null,
): Shape<readonly (readonly [string, T])[]> {
  return {
    label: `map from ${keyLabel} to: ${item.label}`,
    schema: { type: "object", additionalProperties: item.schema },
    read(node, reader) {
      if (node.kind !== "map") return wrongType(node, `a map from ${keyLabel}`, reader);
      const pairs: (readonly [string, T])[] = [];
      for (const [key, { node: value, keyPlace }] of node.entries) {
        const complaint = checkKey(key);
        if (complaint !== null) reader.problems.add(keyPlace, complaint);
        const read = item.read(value, reader);
        if (read !== undefined) pairs.push([key, read]);
      }
      return pairs.length === node.entries.size ? pairs : undefined;
    },
    show: (pairs) =>
      `{${pairs.map(([key, value]) => `${JSON.stringify(key)}: ${item.show(value)}`).join(", ")}}`,
  };
}

/** Lines of a file (`!file path`), without blank ones and remarks (`#`), or a list of texts. */
export function linesOrList(item: Shape<string>, isSecret: boolean): Shape<readonly string[]> {
  const inner = list(item);
  return {
    ...inner,
    label: `\`!file path\` with a line for each, or ${inner.label}`,
    schema: { anyOf: [inner.schema, { type: "string" }] },
    read(node, reader) {
      return node.kind === "file" ? fileLines(node, isSecret, reader) : inner.read(node, reader);
    },
  };
}

/** The lines of a file that a configuration names; undefined after a problem was noted. */
export function fileLines(
  node: ConfigNode & { kind: "file" },
  isSecret: boolean,
  reader: Reader,
): readonly string[] | undefined {
  const lines = reader.readFile(node, isSecret)?.split(/\r?\n/);
  return lines?.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
