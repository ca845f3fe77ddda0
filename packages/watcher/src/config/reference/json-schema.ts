/**
 * The JSON Schema of watch.yaml, for editors. Made from the same table that reads the file.
 * @module
 */
import { ROOT, TARGET, TOP } from "../keys/top.js";
import type { JsonSchema } from "../shape/shape.js";

const INCLUDE: JsonSchema = {
  anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
  description: "More files, whose lists are added: `dir/*.yaml`",
};

/** The schema, in draft 7, which editors know best. */
export function watchSchema(): JsonSchema {
  // What is included has no version, and roots may be in what is included.
  const { required: _, properties, ...top } = TOP.schema as JsonSchema & { properties: JsonSchema };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "watch.yaml of tsrsync-watch",
    description:
      'See docs/watch-yaml.md. The tag !file has to be made known to editors (yaml.customTags: ["!file scalar"]).',
    ...top,
    properties: { ...properties, include: INCLUDE },
    definitions: { root: ROOT.schema, target: TARGET.schema },
  };
}

/** The schema as it is shipped. */
export function watchSchemaText(): string {
  return `${JSON.stringify(watchSchema(), null, 2)}\n`;
}
