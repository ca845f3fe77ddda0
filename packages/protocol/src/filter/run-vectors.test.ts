import { expect, test } from "vitest";
import golden from "../../../../docs/protocol/vectors/filters.json" with { type: "json" };
import { RsyncError } from "../errors.js";
import { createCursor, encodeByteString } from "../wire/index.js";
import { type CvsIgnore, cvsExcludeRules } from "./cvs.js";
import { FilterList } from "./filter-list.js";
import { FilterListReader } from "./filter-list-reader.js";
import type { FilterScope } from "./filter-scope.js";
import type { FilterSide, Rule } from "./rule.js";
import { RuleParser } from "./rule-parser.js";
import { encodeFilterList } from "./wire.js";

// Whole runs over trees in memory: a small sender that lists, a small receiver that prunes and deletes.

interface RunCase {
  readonly name: string;
  readonly options: readonly string[];
  readonly source: string;
  readonly src: Record<string, string>;
  readonly dest: Record<string, string>;
  readonly files: Record<string, string>;
  readonly home?: Record<string, string>;
  readonly env: { readonly CVSIGNORE?: string };
  readonly exit: number;
  readonly after: readonly string[];
}

/** Path to content; directories have a trailing slash and their parents are there too. */
type Tree = Map<string, string>;

interface Command {
  letters: string;
  longs: Set<string>;
  filters: [option: string, value: string][];
}

const WORK = "/tmp/w";

function createTree(entries: Record<string, string>): Tree {
  const tree: Tree = new Map();
  for (const [path, content] of Object.entries(entries)) {
    for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
      tree.set(path.slice(0, at + 1), "");
    }
    tree.set(path, content);
  }
  return tree;
}

/** The paths directly in `directory`, directories with a trailing slash. */
function entriesOf(tree: Tree, directory: string): string[] {
  const prefix = directory === "" ? "" : `${directory}/`;
  return [...tree.keys()].filter(
    (path) =>
      path !== prefix &&
      path.startsWith(prefix) &&
      !path.slice(prefix.length).slice(0, -1).includes("/"),
  );
}

const bare = (path: string): string => (path.endsWith("/") ? path.slice(0, -1) : path);

function parseCommand(options: readonly string[]): Command {
  const command: Command = { letters: "", longs: new Set(), filters: [] };
  for (let i = 0; i < options.length; i++) {
    const option = options[i]!.replace("ROOT", `${WORK}/src`);
    const long = /^--(exclude|include|exclude-from|include-from)=(.*)$/s.exec(option);
    if (long) command.filters.push([long[1]!, long[2]!]);
    else if (option === "-f") command.filters.push(["filter", options[++i]!]);
    else if (option.startsWith("-f")) command.filters.push(["filter", option.slice(2)]);
    else if (option.startsWith("--")) command.longs.add(option);
    else command.letters += option.slice(1);
  }
  const shorthand = command.letters.split("F").length - 1;
  if (shorthand > 0) command.filters.push(["filter", ": /.rsync-filter"]);
  if (shorthand > 1) command.filters.push(["filter", "- .rsync-filter"]);
  return command;
}

/** Reads out of the working directory, where `src/` is the source and `dst/` the destination. */
function reader(run: RunCase, root: string, dest: Tree | null) {
  const files = createTree(run.files);
  for (const [path, content] of createTree(run.src)) files.set(`src/${path}`, content);
  return (name: string): Uint8Array | null => {
    const full = name.startsWith("/") ? name : `${root}/${name}`;
    const below = (top: string) => full.slice(top.length + 1);
    const content = full.startsWith(`${WORK}/dst/`)
      ? dest?.get(below(`${WORK}/dst`))
      : files.get(below(WORK));
    return content === undefined ? null : encodeByteString(content);
  };
}

function cvsIgnoreOf(run: RunCase): CvsIgnore {
  const home = run.home?.[".cvsignore"];
  return {
    home: home === undefined ? null : encodeByteString(home),
    environment: run.env.CVSIGNORE ?? null,
    perishable: true,
  };
}

interface RuleSets {
  readonly sender: readonly Rule[];
  readonly receiver: readonly Rule[];
}

function rulesOf(run: RunCase, command: Command, way: "local" | "push" | "pull"): RuleSets {
  const deleteExcluded = command.longs.has("--delete-excluded");
  const options = {
    readFile: reader(run, WORK, null),
    nulEnds: command.letters.includes("0"),
    deleteExcluded,
    cvsIgnore: cvsIgnoreOf(run),
  };
  const parser = new RuleParser(options);
  for (const [option, value] of command.filters) {
    if (option === "filter") parser.addRule(value);
    else if (option === "exclude" || option === "include") parser.addPattern(option, value);
    else parser.addPatternFile(option === "exclude-from" ? "exclude" : "include", value);
  }
  const cvs = command.letters.includes("C") ? cvsExcludeRules(options.cvsIgnore) : [];
  const own = [...parser.rules, ...cvs];
  if (way === "local") return { sender: own, receiver: own };
  const bytes = encodeFilterList(parser.rules, cvs, {
    protocol: 32,
    clientIsSender: way === "push",
    deletes: [...command.longs].some((long) => long.startsWith("--del")),
    deleteExcluded,
    pruneEmptyDirs: command.letters.includes("m"),
  });
  const received = new FilterListReader(32, options);
  const cursor = createCursor(bytes ?? new Uint8Array(4));
  while (received.readRule(cursor));
  if (way === "push") return { sender: own, receiver: received.rules };
  return { sender: [...received.rules, ...cvs], receiver: own };
}

function scopeFor(run: RunCase, rules: RuleSets, side: FilterSide, root: string): FilterScope {
  const list = new FilterList(rules[side], {
    side,
    nulEnds: run.options.includes("-0"),
    deleteExcluded: run.options.includes("--delete-excluded"),
  });
  return list.at(root);
}

/** What the sender lists, paths relative to the destination. */
function listSource(run: RunCase, command: Command, rules: RuleSets): Set<string> {
  const tree = createTree(run.src);
  const relative = command.letters.includes("R");
  const fromSource = run.source === "src/" || run.source.startsWith("src/./");
  const root = fromSource ? `${WORK}/src` : WORK;
  const argument = fromSource ? run.source.slice(4).replace("./", "") : run.source;
  const inTree = (path: string) => (fromSource ? path : path.slice(4));
  const readFile = reader(run, root, null);
  const listed = new Set<string>();
  let scope = scopeFor(run, rules, "sender", root);
  const walk = (path: string, outer: FilterScope) => {
    const inner = outer.enter(path, readFile);
    for (const entry of entriesOf(tree, inTree(path))) {
      const name = fromSource ? entry : `src/${entry}`;
      if (inner.excludes(bare(name), name.endsWith("/"))) continue;
      listed.add(name);
      if (name.endsWith("/") && !command.letters.includes("d")) walk(bare(name), inner);
    }
  };
  const parents = relative ? argument.split("/").slice(0, -1) : [];
  parents.forEach((_, i) => {
    const parent = parents.slice(0, i + 1).join("/");
    listed.add(`${parent}/`);
    scope = scope.enter(parent, readFile);
  });
  if (argument !== "" && scope.excludes(argument, true)) return new Set();
  if (argument !== "") listed.add(`${argument}/`);
  walk(argument, scope);
  return listed;
}

function prune(listed: Set<string>, scope: FilterScope): void {
  const files = [...listed].filter((path) => !path.endsWith("/"));
  for (const path of listed) {
    const isEmpty = path.endsWith("/") && !files.some((file) => file.startsWith(path));
    if (isEmpty && !scope.excludes(bare(path), true)) listed.delete(path);
  }
}

/** Deletes from `dest` what is not listed, as the receiver does. */
function deleteExtra(run: RunCase, listed: Set<string>, dest: Tree, outermost: FilterScope): void {
  const readFile = reader(run, `${WORK}/dst`, new Map(dest));
  const remove = (path: string, scope: FilterScope): void => {
    if (path.endsWith("/")) {
      const inner = scope.enter(bare(path), readFile);
      for (const child of entriesOf(dest, bare(path))) {
        if (!inner.excludes(bare(child), child.endsWith("/"), true)) remove(child, inner);
      }
      if (entriesOf(dest, bare(path)).length > 0) return;
    }
    dest.delete(path);
  };
  const scan = (directory: string, outer: FilterScope): void => {
    const scope = outer.enter(directory, readFile);
    for (const path of entriesOf(dest, directory)) {
      if (listed.has(path)) {
        if (path.endsWith("/")) scan(bare(path), scope);
      } else if (!scope.excludes(bare(path), path.endsWith("/"))) {
        remove(path, scope);
      }
    }
  };
  scan("", outermost);
}

function simulateRun(run: RunCase, way: "local" | "push" | "pull") {
  const dest = createTree(run.dest);
  try {
    const command = parseCommand(run.options);
    const rules = rulesOf(run, command, way);
    const listed = listSource(run, command, rules);
    const scope = scopeFor(run, rules, "receiver", `${WORK}/dst`);
    if (command.letters.includes("m")) prune(listed, scope);
    if ([...command.longs].some((long) => long.startsWith("--del"))) {
      deleteExtra(run, listed, dest, scope);
    }
    for (const path of listed) dest.set(path, "");
    return { exit: 0, after: [...dest.keys()].sort() };
  } catch (thrown) {
    if (!(thrown instanceof RsyncError)) throw thrown;
    return { exit: thrown.exitCode, after: [...dest.keys()].sort() };
  }
}

const cases = golden.transfer as unknown as RunCase[];

for (const way of ["local", "push", "pull"] as const) {
  test.each(cases)(`${way}: $name`, (run) => {
    expect(simulateRun(run, way)).toEqual({ exit: run.exit, after: [...run.after].sort() });
  });
}
