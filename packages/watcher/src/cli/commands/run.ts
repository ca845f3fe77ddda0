/**
 * `run`, which is what happens without a command: mirrors until it is told to stop.
 * @module
 */
import { join } from "node:path";
import type { WatchSettings } from "../../config/settings.js";
import type { CommandLine } from "../command-line.js";
import { isDetached } from "../daemon.js";
import type { WatchExit } from "../exit-code.js";
import { findConfig, loadForRun } from "../find-config.js";
import type { CliWorld } from "../world.js";

export async function run(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  const source = findConfig(line.config, world);
  const load = () => loadForRun(line, source, world);
  // What is wrong is told before anything goes to the background.
  const settings = await load();
  if (line.daemon && !isDetached(world.config.environment)) {
    return world.services.startDaemon(settings, world.words);
  }
  return world.services.runMirror({
    settings: line.daemon ? withFiles(settings) : settings,
    reload: load,
  });
}

/** In the background there is a file with the process id; the log goes where standard error does. */
function withFiles(settings: WatchSettings): WatchSettings {
  const { daemon } = settings;
  return {
    ...settings,
    daemon: { ...daemon, pidFile: daemon.pidFile ?? join(daemon.stateDir, "watch.pid") },
  };
}
