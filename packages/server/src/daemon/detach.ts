/**
 * Going into the background (spec 5-daemon, 5.2.2): Node can not fork, so the same command runs again, without a terminal.
 * @module
 */
import { spawn } from "node:child_process";
import { ExitCode } from "@tsrsync/protocol";

/** Starts this command again with `--no-detach` in a session of its own; the parent ends at once. */
export function detach(environment: Readonly<Record<string, string | undefined>>): ExitCode {
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...process.argv.slice(1), "--no-detach"],
    {
      detached: true,
      stdio: "ignore",
      env: environment,
    },
  );
  child.unref();
  return ExitCode.Ok;
}
