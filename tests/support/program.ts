/**
 * Runs of either program while the test's own servers and proxies go on, and their errors in a form that can be compared.
 */
import { spawn } from "node:child_process";
import { commandOf, type Implementation } from "./daemon.js";

export interface ProgramRun {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Run as this user and group. */
  uid?: number;
  timeoutMs?: number;
}

/** Runs a program to its end; one that hangs is ended, first with the chance to tidy up, and has no status. */
export function runProgram(
  implementation: Implementation,
  words: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramRun> {
  const { command, prefix } = commandOf(implementation);
  const child = spawn(command, [...prefix, ...words], {
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  let isHung = false;
  const limitMs = options.timeoutMs ?? 30_000;
  const terminator = setTimeout(() => {
    isHung = true;
    child.kill("SIGTERM");
  }, limitMs);
  const killer = setTimeout(() => child.kill("SIGKILL"), limitMs + 5000);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("latin1").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(terminator);
      clearTimeout(killer);
      resolve({ status: isHung ? null : status, stdout, stderr });
    });
  });
}

/** An error text without what may differ between programs and runs: file and line, version, ports, byte counts. */
export function comparable(text: string): string {
  return text
    .replace(/ at \S+\(\d+\) \[(\w+)=[^\]]*\]/g, " at FILE(LINE) [$1=VERSION]")
    .replace(/\(\d+ bytes received so far\)/g, "(N bytes received so far)")
    .replace(/\.[A-Za-z0-9]{6}" /g, '.XXXXXX" ')
    .replace(/\b127\.0\.0\.1( \(127\.0\.0\.1\))?:\d+/g, "HOST:PORT");
}

/** The first line of trouble, comparable. */
export function firstErrorLine({ stderr }: ProgramRun): string {
  return comparable(stderr).split("\n")[0] ?? "";
}
