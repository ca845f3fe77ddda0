/**
 * Reading the per-directory rule files of one directory. Spec: docs/protocol/4-command.md, 11.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import { cleanPath, joinPath, parentDirectories } from "./parent-directories.js";
import { type DirMergeRule, type FilterSide, mergeBaseName } from "./rule.js";
import { createBlock, EMPTY_BLOCK, joinBlocks, type RuleBlock } from "./rule-block.js";
import { RuleParser } from "./rule-parser.js";
import type { ReadRuleFile, RuleParserOptions } from "./rule-parser-options.js";

/** Who looks at the rules, and how per-directory files are read. */
export interface FilterListOptions extends Omit<RuleParserOptions, "coverContent"> {
  readonly side: FilterSide;
}

/** The rules of each per-directory file that are in effect in a directory. */
export type Places = ReadonlyMap<DirMergeRule, RuleBlock>;

/** One directory, as seen from its parent. */
export interface Visit {
  /** Full path name of the transfer root, `""` for the root of the file system. */
  readonly root: ByteString;
  /** Relative to the transfer root, which is itself `""`. */
  readonly directory: ByteString;
  readonly inherited: Places;
  readonly options: FilterListOptions;
  readonly readFile: ReadRuleFile;
}

/** The rules in effect in the directory that is visited, for the files of `outer` and those that they name. */
export function readPlaces(outer: RuleBlock, visit: Visit): Places {
  const places = new Map<DirMergeRule, RuleBlock>();
  const waiting = [...outer.merges];
  const names = new Set(waiting.map(({ name }) => mergeBaseName(name)));
  for (const rule of waiting) {
    const found = rulesOf(rule, names, visit);
    places.set(rule, found);
    for (const nested of found.merges) {
      waiting.push(nested);
      names.add(mergeBaseName(nested.name));
    }
  }
  return places;
}

/** What stands in the place of `rule`; `names` are the base names of all files in use. */
function rulesOf(rule: DirMergeRule, names: ReadonlySet<ByteString>, visit: Visit): RuleBlock {
  const directory = joinPath(visit.root, visit.directory);
  const inherited = visit.inherited.get(rule);
  let block = inherited ?? EMPTY_BLOCK;
  if (inherited === undefined) {
    // The first directory for this file: what the directories above hold is inherited too.
    for (const parent of parentDirectories(rule.name, directory)) {
      block = readRules(rule, parent, block, names, visit);
    }
  }
  return readRules(rule, directory, block, names, visit);
}

/** The file's rules in `directory` (a full path name), then the inherited ones. */
function readRules(
  rule: DirMergeRule,
  directory: ByteString,
  inherited: RuleBlock,
  names: ReadonlySet<ByteString>,
  { root, options, readFile, inherited: places }: Visit,
): RuleBlock {
  const kept = rule.inherited ? inherited : EMPTY_BLOCK;
  const fullName = `${directory}/${mergeBaseName(rule.name)}`;
  const bytes = readFile(belowRoot(root, fullName));
  if (bytes === null) return kept;
  const isInherited = (name: ByteString) =>
    [...places.keys()].some((place) => mergeBaseName(place.name) === name);
  const parser: RuleParser = new RuleParser(
    { ...options, readFile },
    {
      base: directory,
      resolve: (name) => belowRoot(root, cleanPath(`${directory}/${name}`)),
      knows: (name) => names.has(name) || (!parser.cleared && isInherited(name)),
    },
  );
  parser.addDirMerge(rule, bytes, fullName);
  const own = createBlock(parser.rules, options.side, options.deleteExcluded);
  return parser.cleared ? own : joinBlocks(own, kept);
}

/** A full path name relative to the transfer root if it lies there. */
function belowRoot(root: ByteString, path: ByteString): ByteString {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}
