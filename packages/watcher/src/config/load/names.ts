/**
 * Names for what has none.
 * @module
 */

/** What is left of a text when everything is taken out that a name can not have. */
export function nameFrom(text: string): string {
  return (
    text
      .replace(/[^\p{L}\p{N}_.-]+/gu, "-")
      .replace(/^[-.]+/, "")
      .slice(0, 56) || "root"
  );
}

/** The name, or with a number behind it; it is taken then. */
export function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
  taken.add(name);
  return name;
}
