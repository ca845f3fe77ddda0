/**
 * Daemons for tests: the real one and ours, started alike, each with a configuration of its own on a free port.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Generation, generationPath } from "./generations.js";
import { findRsync } from "./rsync.js";

export const TSRSYNC: string = new URL("../../packages/client/bin/tsrsync.js", import.meta.url)
  .pathname;

/** Ours, the installed rsync, or one of another generation (`generations.ts`). */
export type Implementation = "rsync" | "tsrsync" | Generation;

/** The command line that starts one of the programs. */
export function commandOf(implementation: Implementation): { command: string; prefix: string[] } {
  if (implementation === "tsrsync") return { command: process.execPath, prefix: [TSRSYNC] };
  const isInstalled = implementation === "rsync";
  return { command: isInstalled ? findRsync().path : generationPath(implementation), prefix: [] };
}

/** The same for `--rsync-path`. */
export function remotePathOf(implementation: Implementation): string {
  const { command, prefix } = commandOf(implementation);
  return [command, ...prefix].join(" ");
}

export interface TestDaemon {
  port: number;
  log(): string;
  stop(): Promise<void>;
  process: ChildProcess;
}

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

/**
 * Starts a daemon with `config` (its module sections) in `directory` and waits until it greets; on `knownPort` when one is given,
 * and on one address of the loopback interface.
 */
export async function startDaemon(
  implementation: Implementation,
  directory: string,
  config: string,
  knownPort = 0,
  address = "127.0.0.1",
): Promise<TestDaemon> {
  mkdirSync(directory, { recursive: true });
  const port = knownPort === 0 ? await freePort() : knownPort;
  const configFile = `${directory}/rsyncd.conf`;
  const logFile = `${directory}/rsyncd.log`;
  writeFileSync(
    configFile,
    `log file = ${logFile}\nreverse lookup = no\naddress = ${address}\n${config}`,
  );
  const { command, prefix } = commandOf(implementation);
  const args = [...prefix, "--daemon", "--no-detach", `--config=${configFile}`, `--port=${port}`];
  const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  for (let tries = 0; !(await answers(port, address)); tries++) {
    if (tries > 100 || child.exitCode !== null)
      throw new Error(`${implementation} daemon did not start`);
    await delay(50);
  }
  return {
    port,
    process: child,
    log: () => readFileSync(logFile, "latin1"),
    async stop() {
      if (child.exitCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await Promise.race([ended, delay(3000)]);
      child.kill("SIGKILL");
    },
  };
}
