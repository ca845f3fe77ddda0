/**
 * `convert FILE...`: other programs' settings as a watch.yaml, on standard output.
 * @module
 */
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import type { CliWorld } from "../world.js";

export async function convert(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  const { text, warnings } = await world.services.convertConfig(line.operands, {
    ...{ world: world.config, fullSyncOnStart: line.fullSync, workers: line.workers },
  });
  world.out(text.trimEnd());
  for (const warning of warnings) world.error(`note: ${warning}`);
  return WatchExit.Ok;
}
