/**
 * XML into elements, leniently: what stands between elements is nobody's business.
 * @module
 */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import type { Place, ProblemList } from "../problem.js";
import { blankFreeText } from "./free-text.js";

/** An element with its attributes and the elements in it. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly place: Place;
}

/** No confxml.xml is larger. */
const MAX_LENGTH = 4 * 1024 ** 2;
const MAX_ELEMENTS = 20_000;
const MAX_DEPTH = 32;

/** The declared encoding is wrong as often as not: UTF-8 where the bytes are UTF-8, else ISO-8859-1. */
export function decodeXml(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }
}

/** The outermost element, or null after problems were noted. */
export function parseXml(text: string, source: string, problems: ProblemList): XmlElement | null {
  const placeAt = placeFinder(text, source);
  if (text.length > MAX_LENGTH) {
    problems.add(placeAt(0), "the file is too large for a configuration");
    return null;
  }
  const { text: markup, entityAt } = blankFreeText(text);
  if (entityAt !== null) {
    problems.add(placeAt(entityAt), "entities of a document's own are not read");
    return null;
  }
  const complaint = XMLValidator.validate(markup);
  if (complaint !== true) {
    const { msg, line, col } = complaint.err;
    problems.add({ source, line, column: col ?? 1 }, `not well-formed XML: ${msg}`);
    return null;
  }
  const found = toElements(parser().parse(markup) as OrderedNode[], placeAt, problems);
  const [first, second] = found;
  if (first === undefined) problems.add(placeAt(0), "there is no element in the file");
  if (second !== undefined)
    problems.add(second.place, `<${second.name}> lies outside of <${first!.name}>`);
  return first ?? null;
}

function parser(): XMLParser {
  return new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseAttributeValue: false,
    parseTagValue: false,
    trimValues: true,
    captureMetaData: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
}

/** What the parser makes of an element: its name is a key, its attributes are in `:@`. */
type OrderedNode = Readonly<Record<string, unknown>>;

const META = XMLParser.getMetaDataSymbol() as unknown as symbol;

function toElements(
  nodes: readonly OrderedNode[],
  placeAt: (offset: number) => Place,
  problems: ProblemList,
): XmlElement[] {
  let count = 0;
  const convert = (list: readonly OrderedNode[], depth: number): XmlElement[] =>
    list.flatMap((node) => {
      const name = Object.keys(node).find((key) => key !== ":@");
      if (name === undefined || name.startsWith("#")) return [];
      const meta = (node as Record<symbol, { startIndex?: number } | undefined>)[META];
      const place = placeAt(meta?.startIndex ?? 0);
      if (++count > MAX_ELEMENTS || depth > MAX_DEPTH) {
        problems.add(place, "the file has too many elements, or they lie too deep");
        return [];
      }
      const attributes = Object.entries((node[":@"] ?? {}) as Record<string, unknown>);
      return {
        name,
        attributes: new Map(attributes.map(([key, value]) => [key, String(value)])),
        children: convert(node[name] as OrderedNode[], depth + 1),
        place,
      };
    });
  return convert(nodes, 0);
}

/** Offsets into lines and columns. */
function placeFinder(text: string, source: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { source, line: low + 1, column: offset - starts[low]! + 1 };
  };
}
