/**
 * The command in a process: its words, streams, environment and signals.
 * @module
 */
import { existsSync } from "node:fs";
import { VERSION } from "tsrsync";
import { systemWorld } from "../config/load/world.js";
import { main } from "./main.js";
import { createServices } from "./services.js";
import type { CliWorld } from "./world.js";

/** Runs the command and sets the exit code. */
export async function run(proc: NodeJS.Process): Promise<void> {
  // Somebody who stops reading our output (`| head`) is no reason to crash.
  for (const stream of [proc.stdout, proc.stderr]) stream.on("error", () => {});
  const out = (line: string) => void proc.stdout.write(`${line}\n`);
  const error = (line: string) => void proc.stderr.write(`${line}\n`);
  let controller: AbortController | null = null;
  const world: CliWorld = {
    words: proc.argv.slice(2),
    config: systemWorld(proc.env),
    /** Only who looks at it changes what signals do: a mirror follows them by itself. */
    get signal() {
      controller ??= interrupted(proc);
      return controller.signal;
    },
    services: createServices(proc, { out, error }),
    fileExists: existsSync,
    out,
    error,
  };
  proc.exitCode = await main(world, VERSION);
}

/** Ends when somebody presses Ctrl-C; the second time the process ends as usual. */
function interrupted(proc: NodeJS.Process): AbortController {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) proc.once(name, () => controller.abort());
  return controller;
}
