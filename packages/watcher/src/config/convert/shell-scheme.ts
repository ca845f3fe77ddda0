/**
 * Settings of inotify.sh and sersync.sh, and of the sersync.conf that followed them, as a configuration of ours (spec 6, 2.1).
 * @module
 */
import { DraftMap } from "../draft.js";
import type { MapNode } from "../node.js";
import type { ProblemList } from "../problem.js";
import { type ShellValue, shellAssignments } from "./shell-assignments.js";
import { addFullSync, addPace, addRun } from "./shell-defaults.js";
import { firstRoots, laterRoots } from "./shell-roots.js";
import { SHELL_NAMES, ShellSettings } from "./shell-settings.js";

/** A script or file of settings. */
export interface ShellSource {
  readonly text: string;
  readonly name: string;
}

/** Whether a text is a script or file of settings of the scheme. */
export function isShellScheme(text: string): boolean {
  return /^(declare -A )?(rsync_module_name|listen_dir|rsyncd_mod)=\(/m.test(text);
}

/** Reads the settings of one scheme, which may lie in several files. */
export function shellSchemeNodes(sources: readonly ShellSource[], problems: ProblemList): MapNode {
  const values = new Map<string, ShellValue>();
  for (const { text, name } of sources) shellAssignments(text, name, SHELL_NAMES, problems, values);
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
