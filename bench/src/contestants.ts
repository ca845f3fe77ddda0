/**
 * The two that are compared: our client with our daemon, rsync's client with its daemon.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export interface Contestant {
  name: "tsrsync" | "rsync";
  command: string;
  prefix: string[];
  port: number;
  moduleDirectory: string;
  stop(): Promise<void>;
}

const TSRSYNC = fileURLToPath(new URL("../../packages/client/bin/tsrsync.js", import.meta.url));

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

async function start(name: Contestant["name"], port: number, work: string): Promise<Contestant> {
  const moduleDirectory = `${work}/module-${name}`;
  mkdirSync(moduleDirectory, { recursive: true });
  const configFile = `${work}/${name}.conf`;
  const isRoot = process.geteuid?.() === 0;
  const identity = isRoot ? "uid = 0\ngid = 0\n" : "";
  writeFileSync(
    configFile,
    `address = 127.0.0.1\nuse chroot = no\nmunge symlinks = no\nreverse lookup = no\nlog file = ${work}/${name}.log\n` +
      `${identity}[m]\npath = ${moduleDirectory}\nread only = no\n`,
  );
  const [command, prefix] = name === "rsync" ? ["rsync", []] : [process.execPath, [TSRSYNC]];
  const daemon = spawn(
    command,
    [...prefix, "--daemon", "--no-detach", `--config=${configFile}`, `--port=${port}`],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  for (let tries = 0; !(await greets(port)); tries++) {
    if (tries > 100) throw new Error(`the ${name} daemon did not start`);
    await delay(50);
  }
  const stop = async () => {
    const ended = once(daemon, "exit");
    daemon.kill();
    await ended;
  };
  return { name, command, prefix, port, moduleDirectory, stop };
}

/** Starts both daemons, each with a module of its own below `work`. */
export async function startContestants(work: string): Promise<Contestant[]> {
  const port = 20_000 + (process.pid % 20_000);
  return [await start("tsrsync", port, work), await start("rsync", port + 1, work)];
}
