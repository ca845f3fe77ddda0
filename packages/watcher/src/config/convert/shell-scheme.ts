/**
 * Settings of inotify.sh and sersync.sh, and of the sersync.conf that followed them, as a configuration of ours (spec 6, 2.1).
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import { DraftMap } from "../draft.js";
import { freeName, nameFrom } from "../load/names.js";
import type { MapNode } from "../node.js";
import type { Place, ProblemList } from "../problem.js";
import { parseMirrorOptions } from "../rsync-options.js";
import { formatTargetUrl } from "../target-url.js";
import { type ShellValue, shellAssignments } from "./shell-assignments.js";
import { addFullSync, addPace, addRun } from "./shell-defaults.js";

/** A script or file of settings. */
export interface ShellSource {
  readonly text: string;
  readonly name: string;
}

const NAMES: ReadonlySet<string> = new Set([
  ...[
    "rsync_module_name",
    "exclude_file_rule",
    "des_ip",
    "user",
    "rsync_user",
    "rsync_passwd_file",
    "listen_dir",
  ],
  ...[
    "rsyncd_mod",
    "rsyncd_ip",
    "real_time_sync_enable",
    "real_time_sync_delay",
    "full_rsync_first_enable",
  ],
  ...[
    "full_rsync_enable",
    "full_rsync_interval",
    "cron_exp",
    "full_rsync_timeout",
    "rsync_timeout",
  ],
  ...["rsync_bwlimit", "extra_rsync_args", "keep_history_backup_days", "exec_command_enable"],
  ...["exec_command_list", "sersync_dir", "lockfile_dir"],
]);

/** What the parts of the conversion share. */
export class ShellSettings {
  readonly problems: ProblemList;
  readonly place: Place;
  readonly #values: ReadonlyMap<string, ShellValue>;

  constructor(values: ReadonlyMap<string, ShellValue>, place: Place, problems: ProblemList) {
    this.#values = values;
    this.place = place;
    this.problems = problems;
  }

  has(name: string): boolean {
    return this.text(name) !== null;
  }

  placeOf(name: string): Place {
    return this.#values.get(name)?.place ?? this.place;
  }

  /** One text, or null when there is none. */
  text(name: string): string | null {
    return (
      this.#values
        .get(name)
        ?.words.map(({ text }) => text)
        .join(" ")
        .trim() || null
    );
  }

  /** The words of a list. */
  words(name: string): readonly string[] {
    return (
      this.#values
        .get(name)
        ?.words.map(({ text }) => text)
        .filter((text) => text !== "") ?? []
    );
  }

  /** `[key]=value` and `'key=value'`, whichever form was used. */
  pairs(name: string): [string, string][] {
    const value = this.#values.get(name);
    return (value?.words ?? []).map(({ key, text }) => {
      if (key !== null) return [key, text];
      const equals = text.indexOf("=");
      return equals < 0 ? ["", text] : [text.slice(0, equals), text.slice(equals + 1)];
    });
  }

  isOn(name: string): boolean {
    return this.text(name) === "1";
  }

  number(name: string): number | null {
    const text = this.text(name);
    if (text === null || text === "") return null;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    this.problems.add(
      this.placeOf(name),
      `${name}: expected a number, got ${JSON.stringify(text)}`,
    );
    return null;
  }
}

/** Whether a text is a script or file of settings of the scheme. */
export function isShellScheme(text: string): boolean {
  return /^(declare -A )?(rsync_module_name|listen_dir|rsyncd_mod)=\(/m.test(text);
}

/** Reads the settings of one scheme, which may lie in several files. */
export function shellSchemeNodes(sources: readonly ShellSource[], problems: ProblemList): MapNode {
  const values = new Map<string, ShellValue>();
  for (const { text, name } of sources) shellAssignments(text, name, NAMES, problems, values);
  const first = { source: sources[0]?.name ?? "", line: 1, column: 1 };
  const settings = new ShellSettings(values, first, problems);
  const top = new DraftMap(
    first,
    `Converted from ${sources.map(({ name }) => name).join(" and ")}.`,
  );
  top.set("version", 1);
  if (settings.has("sersync_dir"))
    top.remark("sersync_dir is not needed: nothing is started for a change.");
  if (settings.has("lockfile_dir"))
    top.remark(
      "lockfile_dir is not needed: one lock in daemon.stateDir holds for the whole mirror.",
    );
  const defaults = top.section("defaults", "What all roots and targets inherit.");
  const isLater = settings.words("listen_dir").length > 0;
  addPace(settings, defaults, isLater);
  addRun(settings, defaults, isLater);
  addFullSync(settings, defaults.section("fullSync"));
  addLogin(settings, defaults);
  const roots = isLater ? laterRoots(settings) : firstRoots(settings);
  if (roots.length === 0)
    problems.add(
      first,
      "there is neither rsync_module_name nor listen_dir: these are no settings of inotify.sh or sersync.sh",
    );
  top.set("roots", roots);
  return top.build();
}

function addLogin(settings: ShellSettings, defaults: DraftMap): void {
  const auth = defaults.section("auth");
  const user = settings.text("rsync_user") ?? settings.text("user");
  if (user !== null) auth.set("user", user);
  const path = settings.text("rsync_passwd_file");
  if (path === null) return;
  const place = settings.placeOf("rsync_passwd_file");
  auth.set(
    "password",
    { kind: "file", path, place },
    "Read at each login; others must not be able to read it.",
    place,
  );
}

/** `rsync_module_name=([module]=/dir)`: each module goes to every host of `des_ip`. */
function firstRoots(settings: ShellSettings): MapNode[] {
  const hosts = settings.words("des_ip");
  const rules = new Map(settings.pairs("exclude_file_rule"));
  const names = new Set<string>();
  const roots = settings.pairs("rsync_module_name").map(([module, path]) => {
    const root = createRoot(settings, path, names, module, "rsync_module_name");
    addExclude(settings, root, rules.get(module), path);
    return root.set("targets", targets(settings, hosts, module, "des_ip")).build();
  });
  if (roots.length > 0 && hosts.length === 0) {
    settings.problems.add(settings.place, "des_ip is missing: give sersync.sh, too, which has it");
  }
  return roots;
}

/** `listen_dir=('alias=/dir')`, with modules and their addresses in lists of their own. */
function laterRoots(settings: ShellSettings): MapNode[] {
  const modules = settings
    .pairs("rsyncd_mod")
    .map(([module, paths]) => [module, paths.split(",").map(trimSlash)] as const);
  const addresses = new Map(settings.pairs("rsyncd_ip"));
  const rules = new Map(
    settings.pairs("exclude_file_rule").map(([path, rule]) => [trimSlash(path), rule]),
  );
  const commands = new Map(
    settings.pairs("exec_command_list").map(([path, script]) => [trimSlash(path), script]),
  );
  const names = new Set<string>();
  return settings.pairs("listen_dir").flatMap(([given, directory]) => {
    const path = trimSlash(directory);
    // Without an alias the directory in the module was called after the path.
    const alias = given === "" ? path.replaceAll("/", "_") : given;
    const module = modules.find(([, paths]) => paths.includes(path))?.[0];
    if (module === undefined) {
      settings.problems.add(settings.placeOf("rsyncd_mod"), `rsyncd_mod has no module for ${path}`);
      return [];
    }
    const root = createRoot(settings, path, names, alias, "listen_dir");
    addExclude(settings, root, rules.get(path), path);
    addHistory(settings, root, alias);
    const hosts = (addresses.get(module) ?? "").split(",").filter((host) => host !== "");
    if (hosts.length === 0)
      settings.problems.add(
        settings.placeOf("rsyncd_ip"),
        `rsyncd_ip has no address for ${module}`,
      );
    root.set("targets", targets(settings, hosts, `${module}/${alias}`, "rsyncd_ip"));
    addCommand(settings, root, commands.get(path));
    return [root.build()];
  });
}

function createRoot(
  settings: ShellSettings,
  path: string,
  names: Set<string>,
  name: string,
  from: string,
): DraftMap {
  const place = settings.placeOf(from);
  return new DraftMap(place)
    .set("name", freeName(nameFrom(name), names), undefined, place)
    .set("path", trimSlash(path), undefined, place);
}

function trimSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, "");
}

function targets(
  settings: ShellSettings,
  hosts: readonly string[],
  path: string,
  from: string,
): MapNode[] {
  const place = settings.placeOf(from);
  const taken = new Set<string>();
  return hosts.flatMap((host) => {
    const match = /^([^\s:@/]+|\[[^\]]+\])(?::(\d{1,5}))?$/.exec(host);
    if (match === null) {
      settings.problems.add(
        place,
        `expected the name or address of a host, got ${JSON.stringify(host)}`,
      );
      return [];
    }
    const port = match[2] === undefined ? null : Number(match[2]);
    const url = formatTargetUrl({
      scheme: "rsync",
      user: null,
      host: match[1]!.replace(/^\[(.*)\]$/, "$1"),
      port,
      path,
    });
    return [
      new DraftMap(place)
        .set("name", freeName(nameFrom(host), taken))
        .set("url", url)
        .build(),
    ];
  });
}

/** inotifywait looked for the expression anywhere in the whole path. */
function addExclude(
  settings: ShellSettings,
  root: DraftMap,
  rule: string | undefined,
  path: string,
): void {
  if (rule === undefined || rule === "") return;
  const expression = posixToJavaScript(rule);
  try {
    new RegExp(expression);
  } catch (error) {
    settings.problems.add(
      settings.placeOf("exclude_file_rule"),
      `exclude_file_rule: not a regular expression: ${(error as Error).message}`,
    );
    return;
  }
  const remark = [
    `exclude_file_rule: '${rule}'. It may stand anywhere in the path below the root; a dot in it is any character.`,
  ];
  if (new RegExp(expression).test(`${path}/`))
    remark.push(`It fits ${path} itself, so inotifywait would have left out everything.`);
  root.section("filter").set("excludeRegex", [`.*(${expression}).*`], remark.join("\n"));
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9A-Fa-f",
};

function posixToJavaScript(rule: string): string {
  return rule.replace(/\[:([a-z]+):\]/g, (whole, name: string) => CLASSES[name] ?? whole);
}

function addHistory(settings: ShellSettings, root: DraftMap, alias: string): void {
  const days = settings.number("keep_history_backup_days");
  if (days === null) return;
  const history = root.section(
    "history",
    "What was replaced or deleted is kept in the module, by day.",
  );
  history.set("dir", `/history-backup/${alias}`).set("keep", `${days}d`);
}

function addCommand(settings: ShellSettings, root: DraftMap, script: string | undefined): void {
  if (script === undefined || !settings.isOn("exec_command_enable")) return;
  const place = settings.placeOf("exec_command_list");
  const hook = new DraftMap(place, "exec_command_list.");
  hook
    .set("kind", "command")
    .set("when", "beforeFullSync")
    .set("argv", ["/bin/bash", ...script.split(/\s+/)]);
  root.set("hooks", [hook.set("timeout", "1h").build()]);
}

/** The options of a run; what a mirror does not take is said in a remark. */
export function mirrorOptions(
  settings: ShellSettings,
  base: string,
): { text: string; remarks: string[] } {
  const extra = settings.text("extra_rsync_args") ?? "";
  const remarks: string[] = [];
  const kept = extra.split(/\s+/).filter((word) => {
    if (!/^--(append(-verify)?|ignore-missing-args|partial)$/.test(word)) return true;
    remarks.push(`${word} is left out: ${LEFT_OUT[word] ?? "the mirror does so by itself."}`);
    return false;
  });
  const text = `${base} ${kept.join(" ")}`.trim();
  try {
    const { words } = parseMirrorOptions(text);
    return { text: words.join(" "), remarks };
  } catch (error) {
    if (!(error instanceof RsyncError)) throw error;
    settings.problems.add(
      settings.placeOf("extra_rsync_args"),
      `extra_rsync_args: ${error.message}`,
    );
    return { text: base, remarks };
  }
}

const LEFT_OUT: Readonly<Record<string, string>> = {
  "--append": "name files that only grow in rsync.append.",
  "--append-verify": "name files that only grow in rsync.append.",
};
