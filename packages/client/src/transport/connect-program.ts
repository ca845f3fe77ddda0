/**
 * `RSYNC_CONNECT_PROG`: a program that is the connection to a daemon (spec 1-session, 2.5).
 * @module
 */
import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { tcpPair } from "./tcp-pair.js";

const SAFE_HOST = /^[^-+~%][\w.:\-%+~]*$/;

/**
 * Runs `program` by a shell. Its standard input and output are one socket, as a daemon that is started for one connection
 * wants it. `%H` in it is the host.
 * @throws RsyncError 10 for a host that a shell could take for something else.
 */
export async function startConnectProgram(
  program: string,
  host: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Duplex> {
  const command = insertHost(program, host);
  const shell = environment["RSYNC_SHELL"] || "/bin/sh";
  const [near, far] = await tcpPair();
  const child = spawn(shell, ["-c", command], { stdio: [far, far, "inherit"], env: environment });
  child.on("error", (cause) => near.destroy(cause));
  far.destroy(); // the program has it now
  return near;
}

function insertHost(program: string, host: string): string {
  if (!program.includes("%")) return program;
  if (!SAFE_HOST.test(host)) {
    throw new RsyncError(ExitCode.SocketIo, "unsafe host characters for RSYNC_CONNECT_PROG");
  }
  return program.replace(/%([%H])/g, (_, letter) => (letter === "%" ? "%" : `'${host}'`));
}
