/**
 * The directories that the scripts mirrored, and where to.
 * @module
 */
import { DraftMap } from "../draft.js";
import { freeName, nameFrom } from "../load/names.js";
import type { MapNode } from "../node.js";
import { formatTargetUrl } from "../target-url.js";
import { addExclude } from "./shell-exclude.js";
import type { ShellSettings } from "./shell-settings.js";

/** `rsync_module_name=([module]=/dir)`: each module goes to every host of `des_ip`. */
export function firstRoots(settings: ShellSettings): MapNode[] {
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
export function laterRoots(settings: ShellSettings): MapNode[] {
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
