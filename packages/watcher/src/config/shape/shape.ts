/**
 * Shapes: what a value of the configuration may be. One declaration serves the reader, the JSON Schema and the reference page.
 * @module
 */
import type { ConfigNode } from "../node.js";
import { describeNode } from "../node.js";
import type { ProblemList } from "../problem.js";
import type { Section } from "./section.js";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Users and groups of this machine. */
export interface AccountLookup {
  /** By name or (digits) number. */
  findAccount(key: string): { name: string; uid: number; gid: number } | null;
  /** The number of a group that has this name. */
  findGroup(name: string): number | null;
}

/** What reading needs from outside. */
export interface Reader {
  readonly problems: ProblemList;
  readonly warnings: string[];
  readonly accounts: AccountLookup;
  /** Contents of a file that the configuration names, or null after a problem was noted. */
  readFile(node: ConfigNode & { kind: "file" }, isSecret: boolean): string | null;
}

/** What a value may be. */
export interface Shape<T> {
  /** For people: "a size like 50M". */
  readonly label: string;
  readonly schema: JsonSchema;
  /** The keys, for a shape that is a section. */
  readonly section?: Section<unknown>;
  /** What a list is made of. */
  readonly item?: Shape<unknown>;
  /** The value, or undefined after a problem was noted. */
  read(node: ConfigNode, reader: Reader): T | undefined;
  /** The value as it would be written. */
  show(value: T): string;
}

/** Notes that something else was expected. */
export function wrongType(node: ConfigNode, expected: string, reader: Reader): undefined {
  reader.problems.add(node.place, `expected ${expected}, got ${describeNode(node)}`);
  return undefined;
}

/** A shape whose values are made into something else; `convert` notes a problem and returns undefined for what does not fit. */
export function mapped<A, B>(
  inner: Shape<A>,
  convert: (value: A, node: ConfigNode, reader: Reader) => B | undefined,
  show: (value: B) => string = (value) => JSON.stringify(value),
): Shape<B> {
  return {
    ...inner,
    read(node, reader) {
      const value = inner.read(node, reader);
      return value === undefined ? undefined : convert(value, node, reader);
    },
    show,
  };
}

/** The same shape under another name, with other rules for editors where given. */
export function named<T>(
  shape: Shape<T>,
  label: string,
  schema: JsonSchema = shape.schema,
): Shape<T> {
  return { ...shape, label, schema };
}
