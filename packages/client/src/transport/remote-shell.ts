/**
 * A remote shell: a child process whose standard input and output are the connection (spec 1-session, 2.2).
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { ByteString } from "@tsrsync/protocol/wire";
import { JoinedStreams } from "./joined-streams.js";

/** Exit codes of a shell that did not end by itself, or was not even there. */
const SHELL_FAILED = 124;
const SHELL_KILLED = 125;
const NOT_STARTED = 14;

/** A shell that is of no use any more gets this long to end, and tell its status. */
const PATIENCE_MS = 2000;

export interface ShellConnection {
  readonly stream: Duplex;
  /** Says that nothing more comes, and waits for the shell's end. Returns its exit status. */
  end(): Promise<number>;
  /** The same after a failure: a shell that does not end soon is ended. */
  abandon(): Promise<number>;
}

/**
 * Starts `command` (UTF-8 words). Its standard error is ours. A program that can not be started looks like one that ended
 * at once with status 14; why is told on standard error.
 */
export function startShell(
  command: readonly ByteString[],
  environment: Readonly<Record<string, string | undefined>>,
): ShellConnection {
  const [program = "", ...words] = command.map((word) =>
    Buffer.from(word, "latin1").toString("utf8"),
  );
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"], env: environment });
  const status = statusOf(child, program);
  const stream = new JoinedStreams(child.stdout, child.stdin);
  return {
    stream,
    end() {
      stream.end();
      return status;
    },
    async abandon() {
      stream.end();
      stream.destroy();
      const patience = delay(PATIENCE_MS, null, { ref: false });
      const known = await Promise.race([status, patience]);
      if (known !== null) return known;
      child.kill("SIGTERM");
      return 0;
    },
  };
}

function statusOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve) => {
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const reason = cause.code === "ENOENT" ? "No such file or directory (2)" : cause.message;
      process.stderr.write(`rsync: [client] Failed to exec ${program}: ${reason}\n`);
      resolve(NOT_STARTED);
    });
    child.once("close", (code, signal) => {
      if (signal !== null) resolve(SHELL_KILLED);
      else resolve(code === null ? SHELL_FAILED : code);
    });
  });
}
