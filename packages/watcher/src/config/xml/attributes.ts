/**
 * Reading elements and attributes of a confxml.xml. What is missing has a default or is blamed; what nobody asked for is told.
 * @module
 */
import type { ProblemList } from "../problem.js";
import { formatPlace } from "../problem.js";
import type { XmlElement } from "./elements.js";

/** Elements and attributes, with an account of those that were used. */
export class XmlAttributes {
  readonly #warnings: string[];
  readonly #known = new Set<XmlElement>();

  constructor(warnings: string[]) {
    this.#warnings = warnings;
  }

  warn(element: XmlElement, text: string): void {
    this.#warnings.push(`${formatPlace(element.place)}: ${text}`);
  }

  /** The first element of that name in `parent`; a second one is told. */
  child(parent: XmlElement | null, name: string): XmlElement | null {
    const [first, second] = this.children(parent, name);
    if (second !== undefined) this.warn(second, `a second <${name}> is ignored`);
    return first ?? null;
  }

  /** All elements of that name. */
  children(parent: XmlElement | null, name: string): XmlElement[] {
    const found = parent?.children.filter((each) => each.name === name) ?? [];
    for (const each of found) this.#known.add(each);
    return found;
  }

  /** `start="true"`. Any other value is no, as for sersync; without the attribute it is `otherwise`. */
  isOn(element: XmlElement | null, otherwise: boolean): boolean {
    if (element === null) return otherwise;
    const value = element.attributes.get("start");
    if (value === undefined)
      this.warn(element, `<${element.name}> has no "start": taken as ${otherwise}`);
    else if (value !== "true" && value !== "false")
      this.warn(element, `start="${value}" of <${element.name}> is not "true", so it is off`);
    return value === undefined ? otherwise : value === "true";
  }

  /** An attribute that must be there. */
  required(element: XmlElement, name: string, problems: ProblemList): string | null {
    const value = element.attributes.get(name)?.trim();
    if (value !== undefined && value !== "") return value;
    problems.add(element.place, `<${element.name}> has no "${name}"`);
    return null;
  }

  /** A number, or `otherwise`, which is told when something else stands there. */
  number(element: XmlElement, name: string, otherwise: number): number {
    const text = element.attributes.get(name)?.trim() ?? "";
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    if (value > 0) return value;
    if (text !== "")
      this.warn(
        element,
        `${name}="${text}" of <${element.name}> is no number above 0: taken as ${otherwise}`,
      );
    return otherwise;
  }

  /** Takes an element, with all that is in it, for known. */
  acknowledge(element: XmlElement): void {
    this.#known.add(element);
    for (const child of element.children) this.acknowledge(child);
  }

  /** Tells of elements that nothing was made of. */
  warnUnknown(parent: XmlElement): void {
    for (const child of parent.children) {
      if (this.#known.has(child)) this.warnUnknown(child);
      else this.warn(child, `<${child.name}> in <${parent.name}> is not known, and ignored`);
    }
  }
}
