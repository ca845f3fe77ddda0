/**
 * sersync's confxml.xml as a configuration of ours, with a remark for every decision (spec 6, 1.2 and 2.4).
 * @module
 */
import { resolve } from "node:path";
import { DraftMap } from "../draft.js";
import type { MapNode } from "../node.js";
import { emptyMap } from "../node.js";
import type { ProblemList } from "../problem.js";
import { XmlAttributes } from "./attributes.js";
import { addDefaults } from "./confxml-defaults.js";
import { pluginHooks } from "./confxml-plugins.js";
import { addRoots } from "./confxml-roots.js";
import { decodeXml, parseXml, type XmlElement } from "./elements.js";

/** Where the file is, and what of it is asked for. */
export interface ConfXmlSource {
  readonly name: string;
  /** What relative paths are relative to. */
  readonly directory: string;
  /** Only this plugin is to run (`-m`), or null. */
  readonly plugin: string | null;
  /** The address of `<host>` is where figures are shown. */
  readonly webFromHost: boolean;
}

/** What the parts of the conversion share. */
export interface ConfXml {
  readonly attributes: XmlAttributes;
  readonly head: XmlElement;
  /** `<sersync>`, or an empty element in its place. */
  readonly sersync: XmlElement;
  readonly problems: ProblemList;
  readonly warnings: string[];
  /** Makes a path absolute. */
  path(text: string): string;
}

/** Reads a confxml.xml. */
export function confXmlNodes(
  bytes: Uint8Array,
  source: ConfXmlSource,
  problems: ProblemList,
  warnings: string[],
): MapNode {
  const head = parseXml(decodeXml(bytes), source.name, problems);
  if (head === null) return emptyMap({ source: source.name, line: 1, column: 1 });
  const attributes = new XmlAttributes(warnings);
  const sersync = attributes.child(head, "sersync");
  const file: ConfXml = {
    ...{ attributes, head, problems, warnings },
    sersync: sersync ?? { name: "sersync", attributes: new Map(), children: [], place: head.place },
    path: (text) => resolve(source.directory, text),
  };
  if (sersync === null)
    problems.add(head.place, "there is no <sersync> element: this is no confxml.xml");
  const top = new DraftMap(head.place, `Converted from sersync's ${source.name}.`);
  top.set("version", 1);
  describeHead(file, top, source.webFromHost);
  addDefaults(file, top.section("defaults", "What all roots and targets inherit."));
  const hooks = pluginHooks(file, source.plugin);
  addRoots(file, top, hooks);
  attributes.warnUnknown(head);
  return top.build();
}

function describeHead({ attributes, head }: ConfXml, top: DraftMap, webFromHost: boolean): void {
  const version = head.attributes.get("version");
  if (version !== undefined) top.remark(`head version="${version}": any is read.`);
  const host = attributes.child(head, "host");
  if (host !== null) {
    top.remark(
      `host hostip="${host.attributes.get("hostip") ?? ""}" port="${host.attributes.get("port") ?? ""}": sersync never used it; "web.listen" has the address for figures.`,
    );
  }
  if (host !== null && webFromHost) {
    const address = host.attributes.get("hostip") || "localhost";
    const port = attributes.number(host, "port", 8008);
    top.section("web").set("listen", `${address}:${port}`, undefined, host.place);
  }
  if (attributes.child(head, "fileSystem") !== null) {
    top.remark(
      "fileSystem xfs: types of entries are found out on every file system, so it has no meaning.",
    );
  }
  if (attributes.isOn(attributes.child(head, "debug"), false)) {
    top
      .section("log")
      .set("level", "debug", 'debug start="true": watches, events and pushes are told one by one.');
  }
}
