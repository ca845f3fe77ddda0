/**
 * `verify`: compares targets with their roots, by contents.
 * @module
 */
import type { VerifiedTarget } from "../../control/types.js";
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import type { CliWorld } from "../world.js";
import { counted, scopeOf, withMirror } from "./control.js";

export async function verify(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    const report = await client.verify({ ...scopeOf(line), repair: line.repair });
    if (line.json) world.out(JSON.stringify(report));
    else for (const target of report.targets) tell(target, world);
    return report.equal ? WatchExit.Ok : WatchExit.NotInSync;
  });
}

function tell(target: VerifiedTarget, world: CliWorld): void {
  const name = `${target.root} ${target.target}`;
  if (target.error !== null) {
    world.error(`${name}: could not be compared: ${target.error}`);
    return;
  }
  for (const { path, kind, itemized } of target.differences)
    world.out(`${name}: ${itemized ?? kind} ${path}`);
  const more = target.differenceCount - target.differences.length;
  if (more > 0) world.out(`${name}: and ${more} more`);
  const repaired = target.repaired > 0 ? `, ${target.repaired} marked for repair` : "";
  world.out(
    `${name}: ${counted(target.differenceCount, "difference")} in ${target.entries} entries${repaired} (${target.seconds.toFixed(1)} s)`,
  );
}
