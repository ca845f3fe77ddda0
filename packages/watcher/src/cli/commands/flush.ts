/**
 * `flush`: waits until the targets have everything that was done before the call.
 * @module
 */
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import type { CliWorld } from "../world.js";
import { scopeOf, withMirror } from "./control.js";

export async function flush(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    const timeout = line.timeout === null ? {} : { timeoutMs: line.timeout };
    const result = await client.flush({ ...scopeOf(line), ...timeout });
    if (line.json) world.out(JSON.stringify(result));
    else {
      for (const { root, target, reached, state, dirty, reason } of result.targets) {
        if (!reached)
          world.error(
            `${root} ${target}: not up to date: ${state}, ${dirty} paths to go${reason === "" ? "" : `: ${reason}`}`,
          );
      }
      if (result.reached) world.out("all targets are up to date");
    }
    return result.reached ? WatchExit.Ok : WatchExit.NotInSync;
  });
}
