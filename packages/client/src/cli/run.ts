/**
 * The command in a process: its words, streams, environment and signals.
 * @module
 */
import { main } from "./main.js";

/** Runs the command and sets the exit code. A second signal ends the process at once. */
export async function run(proc: NodeJS.Process): Promise<void> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) proc.exit(20);
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) proc.on(name, onSignal);
  // Somebody who stops reading our output (`| head`) is no reason to crash.
  for (const stream of [proc.stdout, proc.stderr]) stream.on("error", () => {});
  proc.exitCode = await main({
    words: proc.argv.slice(2),
    environment: proc.env,
    streams: proc,
    signal: controller.signal,
  });
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) proc.off(name, onSignal);
}
