/**
 * Going into the background (spec 5-daemon, 5.2.2): Node can not fork, so the same command runs again, without a terminal.
 * @module
 */
import { spawn } from "node:child_process";
import { ExitCode } from "@tsrsync/protocol";

/** The variable that tells a command that it was put into the background, and that somebody waits for its start. */
const MARK = "TSRSYNC_REPORT_START";

/** What the command in the background says once: it listens, or this went wrong. */
interface StartReport {
  failure: string | null;
}

/**
 * Starts this command again with `--no-detach` in a session of its own. Ends when that one listens, so that a client may
 * follow at once, or with its failure, which no terminal would show otherwise.
 */
export function detach(
  environment: Readonly<Record<string, string | undefined>>,
  writeError: (text: string) => void,
): Promise<ExitCode> {
  const { execPath, execArgv, argv } = process;
  const child = spawn(execPath, [...execArgv, ...argv.slice(1), "--no-detach"], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...environment, [MARK]: "1" },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? ExitCode.Signal));
    child.once("message", ({ failure }: StartReport) => {
      if (failure !== null) {
        writeError(`${failure}\n`);
        return;
      }
      child.disconnect();
      child.unref();
      resolve(ExitCode.Ok);
    });
  });
}

/** Tells the command that put this one into the background, if one did, how the start went. */
export async function reportStart(
  environment: Readonly<Record<string, string | undefined>>,
  report: StartReport,
): Promise<void> {
  if (environment[MARK] === undefined || !process.connected) return;
  await new Promise<void>((resolve) => process.send!(report, () => resolve()));
}
