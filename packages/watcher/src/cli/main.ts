/**
 * The command `tsrsync-watch`: from words to an exit code. Nothing in here ends the process or reads its globals.
 * @module
 */
import { RsyncError } from "@tsrsync/protocol";
import { type CommandLine, type CommandName, parseCommandLine } from "./command-line.js";
import { WatchExit } from "./exit-code.js";
import { HELP } from "./help.js";
import type { CliWorld } from "./world.js";

type Command = (line: CommandLine, world: CliWorld) => Promise<WatchExit>;

/** Each is loaded when it is asked for: a start is fast that way. */
const COMMANDS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  run: async () => (await import("./commands/run.js")).run,
  check: async () => (await import("./commands/check.js")).check,
  convert: async () => (await import("./commands/convert.js")).convert,
  doctor: async () => (await import("./commands/doctor.js")).doctor,
  status: async () => (await import("./commands/status.js")).status,
  flush: async () => (await import("./commands/flush.js")).flush,
  verify: async () => (await import("./commands/verify.js")).verify,
  retry: async () => (await import("./commands/requests.js")).retry,
  resume: async () => (await import("./commands/requests.js")).resume,
  release: async () => (await import("./commands/requests.js")).release,
  "full-sync": async () => (await import("./commands/requests.js")).fullSync,
  reload: async () => (await import("./commands/requests.js")).reload,
};

/** Runs a command to its end. */
export async function main(world: CliWorld, version: string): Promise<WatchExit> {
  try {
    const line = parseCommandLine(world.words);
    if (line.help) {
      world.out(HELP);
      return WatchExit.Ok;
    }
    if (line.version) {
      world.out(`tsrsync-watch ${version}`);
      return WatchExit.Ok;
    }
    return await (await COMMANDS[line.command]())(line, world);
  } catch (error) {
    return fail(error, world);
  }
}

function fail(error: unknown, world: CliWorld): WatchExit {
  if (error instanceof RsyncError) {
    for (const text of error.message.split("\n")) world.error(`tsrsync-watch: ${text}`);
    return error.exitCode === WatchExit.Usage ? WatchExit.Usage : WatchExit.Failed;
  }
  world.error(
    `tsrsync-watch: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return WatchExit.Failed;
}
