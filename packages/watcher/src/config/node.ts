/**
 * A configuration as it is written, before anything is known about its meaning: the same for YAML, XML, shell settings and
 * the environment, so that all of them are checked by one table and blamed by place.
 * @module
 */
import type { Place } from "./problem.js";

export type ConfigNode = ScalarNode | ListNode | MapNode | FileNode;

interface Written {
  readonly place: Place;
  /** A remark that goes above it when it is printed. */
  readonly comment?: string;
}

/** One value. */
export interface ScalarNode extends Written {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** As it was written, after the environment was filled in. */
  readonly text: string;
  /** It may be read as any type: an environment variable has none. */
  readonly untyped?: boolean;
  /** The variable, when the value is nothing but `${NAME}`. */
  readonly variable?: string;
}

export interface ListNode extends Written {
  readonly kind: "list";
  readonly items: readonly ConfigNode[];
}

export interface MapNode extends Written {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly node: ConfigNode;
  /** A remark that goes above the key when it is printed. */
  readonly comment?: string;
}

/** `!file path`: what the file holds, read when it is needed. */
export interface FileNode extends Written {
  readonly kind: "file";
  /** Absolute. */
  readonly path: string;
}

/** A map without entries. */
export function emptyMap(place: Place): MapNode {
  return { kind: "map", entries: new Map(), place };
}

/** What a node is, for messages: `text "abc"`, `a list`. */
export function describeNode(node: ConfigNode): string {
  switch (node.kind) {
    case "scalar":
      if (node.value === null) return "nothing";
      if (node.untyped) return JSON.stringify(shortened(node.text));
      if (typeof node.value === "string") return `text ${JSON.stringify(shortened(node.value))}`;
      return `${typeof node.value} ${shortened(node.text)}`;
    case "list":
      return "a list";
    case "map":
      return "a section";
    case "file":
      return "a file";
  }
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
