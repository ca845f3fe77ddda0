/**
 * Nodes as the text of a watch.yaml, remarks included.
 * @module
 */
import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { ConfigNode, MapNode, ScalarNode } from "../node.js";

const FILE_TAG = { tag: "!file", resolve: (text: string) => text };
const FLOW_WIDTH = 70;

/** The text of a configuration. */
export function printYaml(top: MapNode): string {
  const document = new Document(undefined, {
    schema: "core",
    version: "1.2",
    customTags: [FILE_TAG],
  });
  document.contents = toYaml(top, 0) as YAMLMap as typeof document.contents;
  if (top.comment !== undefined) document.commentBefore = remark(top.comment);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function toYaml(node: ConfigNode, depth: number): Scalar | YAMLMap | YAMLSeq {
  switch (node.kind) {
    case "scalar":
      return scalar(node);
    case "file": {
      const file = new Scalar(escapeText(node.path));
      file.tag = "!file";
      return file;
    }
    case "list":
      return sequence(node.items, depth);
    case "map":
      return map(node, depth);
  }
}

function scalar({ value }: ScalarNode): Scalar {
  return new Scalar(typeof value === "string" ? escapeText(value) : value);
}

/** `${` means a variable. */
function escapeText(text: string): string {
  return text.replaceAll("${", () => "$${");
}

function sequence(items: readonly ConfigNode[], depth: number): YAMLSeq {
  const seq = new YAMLSeq();
  for (const item of items) {
    const made = toYaml(item, depth + 1);
    if (item.comment !== undefined) made.commentBefore = remark(item.comment);
    seq.items.push(made);
  }
  seq.flow = items.every(
    ({ kind, comment }) => kind !== "map" && kind !== "list" && comment === undefined,
  );
  return seq;
}

function map(node: MapNode, depth: number): YAMLMap {
  const made = new YAMLMap();
  for (const [name, { node: value, comment }] of node.entries) {
    const key = new Scalar(name);
    if (comment !== undefined) key.commentBefore = remark(comment);
    if (depth === 0 && made.items.length > 0) key.spaceBefore = true;
    made.items.push(new Pair(key, toYaml(value, depth + 1)));
  }
  made.flow = depth > 0 && isShort(node);
  return made;
}

/** Small sections without remarks go on one line. */
function isShort({ entries, comment }: MapNode): boolean {
  if (entries.size > 3 || comment !== undefined) return false;
  let width = 0;
  for (const [name, { node, comment: above }] of entries) {
    if (above !== undefined || (node.kind !== "scalar" && node.kind !== "file")) return false;
    width += name.length + 4 + (node.kind === "scalar" ? node.text.length : node.path.length);
  }
  return width <= FLOW_WIDTH;
}

function remark(text: string): string {
  return text
    .split("\n")
    .map((line) => ` ${line.replace(/[\x00-\x1f\x7f]/g, " ")}`)
    .join("\n");
}
