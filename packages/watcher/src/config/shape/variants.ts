/**
 * Sections whose keys depend on the value of one of them.
 * @module
 */
import { nearestName } from "../nearest.js";
import { type Shape, wrongType } from "./shape.js";

/** The sections of {@link variants}, by what the key that tells them apart says. */
export interface Variants<T> extends Shape<T> {
  readonly variants: Readonly<Record<string, Shape<unknown>>>;
}

/** A section for each value of `tag`. */
export function variants<T>(
  label: string,
  tag: string,
  sections: Readonly<Record<string, Shape<T>>>,
): Variants<T> {
  const names = Object.keys(sections);
  return {
    label,
    variants: sections,
    schema: {
      type: "object",
      required: [tag],
      properties: { [tag]: { enum: names } },
      allOf: names.map((name) => ({
        if: { properties: { [tag]: { const: name } } },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
        then: sections[name]!.schema,
      })),
    },
    read(node, reader) {
      if (node.kind !== "map") return wrongType(node, `a section (${label})`, reader);
      const given = node.entries.get(tag)?.node;
      const name = given?.kind === "scalar" ? given.text : "";
      if (Object.hasOwn(sections, name)) return sections[name]!.read(node, reader);
      const near = nearestName(name, names);
      const hint = near === null ? `known are ${names.join(", ")}` : `did you mean ${near}?`;
      const what =
        given === undefined
          ? `the key "${tag}" is missing`
          : `unknown ${tag} ${JSON.stringify(name)}`;
      reader.problems.add(given?.place ?? node.place, `${what}; ${hint}`);
      return undefined;
    },
    show: (value) => JSON.stringify(value),
  };
}
