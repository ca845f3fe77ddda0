/**
 * Programs that the mirror starts for its user: hooks and alarms.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { withGivenUmask } from "../run/private-files.js";

const KILL_AFTER_MS = 2000;
const MAX_OUTPUT = 4096;

export interface ProcessTask {
  /** Program and arguments, no shell. */
  argv: readonly string[];
  /** Added to those of this process. */
  environment: Readonly<Record<string, string>>;
  cwd?: string;
  /** `null`: nothing to read. */
  stdin: Uint8Array | null;
  /** Its end, and that of all that it started, comes with this signal. */
  signal: AbortSignal;
}

/** What a program left behind. */
export interface ProcessResult {
  /** The start of what it wrote, errors included. */
  output: string;
}

/** Ends the program and all that it started, which are a group of their own; who does not listen is killed. */
function endGroup(child: ChildProcess): void {
  const send = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // nobody is left of the group
    }
  };
  send("SIGTERM");
  setTimeout(() => send("SIGKILL"), KILL_AFTER_MS).unref();
}

function collectOutput(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      if (output.length < MAX_OUTPUT) output += chunk.toString("utf8");
    });
  }
  return () => output.slice(0, MAX_OUTPUT).trim();
}

const why = (code: number | null, signal: NodeJS.Signals | null, output: string): string => {
  const end = signal === null ? `exit status ${code}` : `ended by ${signal}`;
  return output === "" ? end : `${end}: ${output}`;
};

/**
 * Runs a program to its end. What it leaves running in the background is not waited for.
 * @throws Error when it can not be started, ends with another status than 0, or the signal came
 */
export function runProcess(task: ProcessTask): Promise<ProcessResult> {
  const [program = "", ...words] = task.argv;
  const { signal } = task;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const child = withGivenUmask(() =>
      spawn(program, words, {
        env: { ...process.env, ...task.environment },
        ...(task.cwd === undefined ? {} : { cwd: task.cwd }),
        stdio: [task.stdin === null ? "ignore" : "pipe", "pipe", "pipe"],
        detached: true,
      }),
    );
    const output = collectOutput(child);
    const onAbort = (): void => {
      endGroup(child);
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    child.once("error", reject);
    child.once("exit", (code, endedBy) => {
      signal.removeEventListener("abort", onAbort);
      // A moment for what is in the pipes; a background process may hold them open for ever.
      setImmediate(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        if (code === 0) resolve({ output: output() });
        else reject(new Error(why(code, endedBy, output())));
      });
    });
    child.stdin?.on("error", () => {}); // a program need not read what it is given
    child.stdin?.end(task.stdin);
  });
}
