/**
 * Reading a configuration: YAML or XML, told apart by content.
 * @module
 */
import { dirname, resolve } from "node:path";
import { emptyMap, type MapNode } from "../node.js";
import { ConfigError, ProblemList } from "../problem.js";
import type { WatchSettings } from "../settings.js";
import type { Reader } from "../shape/shape.js";
import { confXmlNodes } from "../xml/confxml.js";
import { buildSettings } from "./build.js";
import { checkSettings } from "./checks.js";
import { overlayEnvironment } from "./environment.js";
import { yamlWithIncludes } from "./include.js";
import { decodeUtf8, readConfigFile } from "./read-file.js";
import { type ConfigWorld, systemWorld } from "./world.js";

/** What to load: a file, or a text with the name that messages call it by. */
export type ConfigSource =
  | { readonly file: string }
  | { readonly text: string; readonly name?: string }
  /** Nothing but the environment's `TSRSYNC_*`. */
  | "environment";

export interface LoadOptions {
  /** Files and environment; this machine's when not given. */
  readonly world?: ConfigWorld;
  /** A plugin of a confxml.xml that is to run alone (`-m`), whether it is switched on there or not. */
  readonly plugin?: string | null;
  /** The host and port of a confxml.xml are where figures are shown. */
  readonly webFromHost?: boolean;
}

/** Loads and checks settings. @throws ConfigError with all that is wrong. */
export function loadSettings(source: ConfigSource, options: LoadOptions = {}): WatchSettings {
  const world = options.world ?? systemWorld();
  const problems = new ProblemList();
  const reader = createReader(problems, world);
  const written = readSource(source, world, problems, options, reader.warnings);
  problems.throwIfAny();
  const top = overlayEnvironment(written, world.environment, problems);
  const built = buildSettings(top, reader, world);
  if (built !== undefined) checkSettings(built.settings, built.rootNodes, reader, world);
  problems.throwIfAny();
  if (built === undefined)
    throw new ConfigError([{ place: null, message: "the configuration can not be used" }]);
  return built.settings;
}

function createReader(problems: ProblemList, world: ConfigWorld): Reader {
  return {
    problems,
    warnings: [],
    accounts: world,
    readFile(node, isSecret) {
      const bytes = readConfigFile(node.path, node.place, world, problems);
      if (bytes === null) return null;
      if (isSecret && !isPrivate(node.path, world)) {
        problems.add(node.place, `others can read ${node.path}: chmod 600 ${node.path}`);
        return null;
      }
      const text = decodeUtf8(bytes);
      if (text === null) problems.add(node.place, `${node.path} is not UTF-8`);
      return text;
    },
  };
}

/** As rsync has it: nobody else may read or write it. */
function isPrivate(path: string, world: ConfigWorld): boolean {
  return (world.modeOf(path) & 0o006) === 0;
}

function readSource(
  source: ConfigSource,
  world: ConfigWorld,
  problems: ProblemList,
  options: LoadOptions,
  warnings: string[],
): MapNode {
  if (source === "environment") return fromEnvironment();
  const name = "file" in source ? source.file : (source.name ?? "configuration");
  const path = resolve(world.directory, name);
  const directory = "file" in source ? dirname(path) : world.directory;
  const bytes =
    "file" in source ? readOrThrow(path, name, world) : Buffer.from(source.text, "utf8");
  if (isXml(bytes))
    return confXmlNodes(
      bytes,
      {
        ...{ name, directory, plugin: options.plugin ?? null },
        webFromHost: options.webFromHost ?? false,
      },
      problems,
      warnings,
    );
  const text = decodeUtf8(bytes);
  if (text === null)
    throw new ConfigError([
      { place: { source: name, line: 1, column: 1 }, message: "the file is not UTF-8" },
    ]);
  return yamlWithIncludes({ text, name, directory }, world, problems);
}

function readOrThrow(path: string, name: string, world: ConfigWorld): Uint8Array {
  const problems = new ProblemList();
  const bytes = readConfigFile(path, null, world, problems);
  problems.throwIfAny();
  if (bytes === null) throw new ConfigError([{ place: null, message: `can not read ${name}` }]);
  return bytes;
}

function fromEnvironment(): MapNode {
  const place = { source: "environment", line: 0, column: 0 };
  const version = { kind: "scalar", value: 1, text: "1", place } as const;
  return {
    ...emptyMap(place),
    entries: new Map([["version", { keyPlace: place, node: version }]]),
  };
}

/** Whether the first character that is not white space opens a tag. */
export function isXml(bytes: Uint8Array): boolean {
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) continue;
    return byte === 0x3c;
  }
  return false;
}
