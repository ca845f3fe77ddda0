/**
 * `run`, which is what happens without a command: mirrors until it is told to stop.
 * @module
 */
import type { CommandLine } from "../command-line.js";
import type { WatchExit } from "../exit-code.js";
import { findConfig, loadForRun } from "../find-config.js";
import type { CliWorld } from "../world.js";

export async function run(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  const source = findConfig(line.config, world);
  const load = () => loadForRun(line, source, world);
  // What is wrong is told before anything goes to the background.
  const settings = await load();
  if (line.daemon) return world.services.startDaemon(settings, world.words);
  return world.services.runMirror({
    ...{ settings, reload: load, hooksOnly: line.hooksOnly !== null, signal: world.signal },
  });
}
