/**
 * `retry`, `resume`, `release`, `full-sync`, `reload`: requests with short answers.
 * @module
 */
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import type { CliWorld } from "../world.js";
import { counted, scopeOf, withMirror } from "./control.js";

/** Tries at once what waits for its next attempt. */
export async function retry(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    world.out(`${counted(await client.retry(scopeOf(line)), "target")} tried again`);
    return WatchExit.Ok;
  });
}

/** Accepts a root as it is now. */
export async function resume(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    await client.resume(line.operands[0]!);
    world.out(`root ${line.operands[0]} goes on as it is`);
    return WatchExit.Ok;
  });
}

/** Lets deletions through that were held back. */
export async function release(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    world.out(`${counted(await client.release(scopeOf(line)), "deletion")} released`);
    return WatchExit.Ok;
  });
}

/** Starts full syncs. */
export async function fullSync(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    world.out(`${counted(await client.fullSync(scopeOf(line)), "full sync")} started`);
    return WatchExit.Ok;
  });
}

/** Has the configuration read again. */
export async function reload(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    const result = await client.reload();
    if (line.json) world.out(JSON.stringify(result));
    else {
      for (const kind of ["added", "removed", "changed"] as const) {
        for (const name of result[kind]) world.out(`${kind}: ${name}`);
      }
      for (const warning of result.warnings) world.error(`warning: ${warning}`);
      world.out("the configuration was read again");
    }
    return WatchExit.Ok;
  });
}
