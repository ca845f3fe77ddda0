/**
 * The real rsync: found, or the tests fail. A missing rsync must never pass for a success.
 */
import { spawnSync } from "node:child_process";

/** The installed program's path, and its version as it says. */
export function findRsync(): { path: string; version: string } {
  const path = process.env["RSYNC_BIN"] ?? "rsync";
  const found = spawnSync(path, ["--version"], { encoding: "utf8" });
  if (found.error || found.status !== 0) {
    throw new Error("interop tests need the real rsync: apt-get install -y rsync");
  }
  const version = /version (\S+)/.exec(found.stdout)?.[1] ?? "?";
  return { path, version };
}

/** Owners and devices can only be kept by root. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** Runs a command to its end; never throws for an exit code. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; input?: string; timeoutMs?: number } = {},
): { status: number | null; stdout: string; stderr: string } {
  const result = spawnSync(command, args, {
    encoding: "latin1",
    cwd: options.cwd,
    input: options.input,
    timeout: options.timeoutMs ?? 60_000,
    maxBuffer: 64 << 20,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
  });
  return { status: result.status, stdout: result.stdout, stderr: result.stderr };
}
