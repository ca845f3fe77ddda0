/**
 * Other programs' settings as the text of a watch.yaml.
 * @module
 */
import { dirname, resolve } from "node:path";
import { DraftMap } from "../draft.js";
import { TOP } from "../keys/top.js";
import { isXml } from "../load/load.js";
import { readConfigFile } from "../load/read-file.js";
import { type ConfigWorld, systemWorld } from "../load/world.js";
import type { MapNode } from "../node.js";
import { ConfigError, ProblemList } from "../problem.js";
import { mergeNodes } from "../shape/section.js";
import { confXmlNodes } from "../xml/confxml.js";
import { decodeXml } from "../xml/elements.js";
import { printYaml } from "./print-yaml.js";
import { isShellScheme, shellSchemeNodes } from "./shell-scheme.js";

/** What was given on sersync's command line. */
export interface ConvertOptions {
  readonly world?: ConfigWorld;
  /** `-r` */
  readonly fullSyncOnStart?: boolean;
  /** `-n` */
  readonly workers?: number | null;
}

export interface Converted {
  readonly text: string;
  /** For people, to be read once. */
  readonly warnings: readonly string[];
}

/**
 * Converts a confxml.xml, or the settings of the shell scheme out of one or more scripts.
 * @throws ConfigError when a file can not be read or understood.
 */
export function convertConfig(files: readonly string[], options: ConvertOptions = {}): Converted {
  const world = options.world ?? systemWorld();
  const problems = new ProblemList();
  const warnings: string[] = [];
  const sources = files.map((name) => {
    const path = resolve(world.directory, name);
    return { name, path, bytes: readConfigFile(path, null, world, problems) ?? new Uint8Array() };
  });
  problems.throwIfAny();
  const first = sources[0]!;
  let node: MapNode;
  if (isXml(first.bytes)) {
    if (sources.length > 1)
      throw new ConfigError([{ place: null, message: "one confxml.xml at a time" }]);
    const source = {
      name: first.name,
      directory: dirname(first.path),
      plugin: null,
      webFromHost: false,
    };
    node = confXmlNodes(first.bytes, source, problems, warnings);
  } else {
    const texts = sources.map(({ name, bytes }) => ({ name, text: decodeXml(bytes) }));
    if (!texts.some(({ text }) => isShellScheme(text)))
      throw new ConfigError([
        {
          place: null,
          message: `${files.join(", ")}: neither a confxml.xml nor settings of inotify.sh and sersync.sh`,
        },
      ]);
    node = shellSchemeNodes(texts, problems);
  }
  problems.throwIfAny();
  return { text: printYaml(withOptions(node, options)), warnings };
}

function withOptions(node: MapNode, { fullSyncOnStart, workers }: ConvertOptions): MapNode {
  const draft = new DraftMap(node.place);
  if (workers !== undefined && workers !== null)
    draft.section("daemon").set("workers", workers, "-n");
  if (fullSyncOnStart) draft.section("defaults").section("fullSync").set("onStart", "always", "-r");
  const merged = mergeNodes(TOP, node, draft.build()) as MapNode;
  return node.comment === undefined ? merged : { ...merged, comment: node.comment };
}
