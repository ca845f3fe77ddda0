/**
 * `tsrsync-watch` as a process of its own, for tests.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type ProgramRun, runProcess } from "./run-process.js";

export const TSRSYNC_WATCH: string = new URL(
  "../../../packages/watcher/bin/tsrsync-watch.js",
  import.meta.url,
).pathname;

/** A watcher with a configuration and a state directory of its own. */
export class WatchProcess {
  readonly config: string;
  readonly stateDir: string;
  readonly log: string;
  readonly #words: readonly string[];
  #child: ChildProcess | null = null;

  /**
   * @param directory for everything that the watcher keeps
   * @param roots the `roots:` of watch.yaml, and whatever else it shall have
   * @param daemon more keys of `daemon:`
   */
  constructor(directory: string, roots: string, words: readonly string[] = [], daemon = "") {
    mkdirSync(directory, { recursive: true });
    this.config = `${directory}/watch.yaml`;
    this.stateDir = `${directory}/state`;
    this.log = `${directory}/watch.log`;
    this.#words = words;
    writeFileSync(
      this.config,
      `version: 1\ndaemon: { stateDir: ${this.stateDir}${daemon} }\nlog: { file: ${this.log}, level: debug }\n${roots}`,
    );
    writeFileSync(this.log, "");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts it and waits until all its roots are live. */
  async start(roots = 1): Promise<void> {
    const before = this.#count();
    const child = spawn(process.execPath, [TSRSYNC_WATCH, "-o", this.config, ...this.#words], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#child = child;
    const deadline = Date.now() + 30_000;
    while (this.#count() < before + roots) {
      if (child.exitCode !== null)
        throw new Error(`tsrsync-watch ended: ${this.lines().slice(-5).join("\n")}`);
      if (Date.now() > deadline)
        throw new Error(`tsrsync-watch is not live: ${this.lines().slice(-20).join("\n")}`);
      await delay(10);
    }
  }

  lines(): string[] {
    return readFileSync(this.log, "utf8").split("\n").filter(Boolean);
  }

  #count(): number {
    return this.lines().filter((line) => / root=\S+ .*state=live/.test(line)).length;
  }

  /** One of its commands, with this state directory. */
  command(...words: string[]): Promise<ProgramRun> {
    return runProcess(process.execPath, [TSRSYNC_WATCH, ...words, "-o", this.config]);
  }

  /** Ends it: in order, or as if the power had failed. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const code = await Promise.race([ended, delay(10_000, null)]);
    child.kill("SIGKILL");
    return code;
  }
}
