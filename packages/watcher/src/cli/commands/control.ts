/**
 * What the commands that ask a running mirror have in common.
 * @module
 */
import type { ControlClient } from "../../control/client.js";
import { ControlError, type Scope } from "../../control/types.js";
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import { findStateDir } from "../find-config.js";
import type { CliWorld } from "../world.js";

/** Connects, asks, and tells what went wrong. */
export async function withMirror(
  line: CommandLine,
  world: CliWorld,
  ask: (client: ControlClient) => Promise<WatchExit>,
): Promise<WatchExit> {
  const stateDir = await findStateDir(line, world);
  let client: ControlClient | null = null;
  const stop = () => client?.close();
  world.signal.addEventListener("abort", stop);
  try {
    client = await world.services.connectControl(stateDir);
    return await ask(client);
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    world.error(`tsrsync-watch: ${error.message}`);
    if (error.code === "not-running") return WatchExit.NotRunning;
    return error.code === "unknown" || error.code === "bad-request"
      ? WatchExit.Usage
      : WatchExit.Failed;
  } finally {
    world.signal.removeEventListener("abort", stop);
    client?.close();
  }
}

/** Roots and targets that were named: `flush www`, `flush --root www --target web1`. */
export function scopeOf({ operands, root, target }: CommandLine): Scope {
  const named = root ?? operands[0] ?? null;
  return { ...(named === null ? {} : { root: named }), ...(target === null ? {} : { target }) };
}

/** `1 target`, `2 targets`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
