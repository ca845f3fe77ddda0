/**
 * {our client, rsync} x {our daemon or server, rsync's} x {push, pull}: one transfer in every pairing.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { commandOf, type Implementation, startDaemon, type TestDaemon } from "./daemon.js";
import { type ProgramRun, runProgram } from "./program.js";
import { isRoot } from "./rsync.js";

const SHELL = new URL("fake-shell", import.meta.url).pathname;
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];

export interface Pairing {
  client: Implementation;
  server: Implementation;
  direction: "push" | "pull";
}

/** All pairings with at least one of ours. */
export const PAIRINGS: readonly Pairing[] = IMPLEMENTATIONS.flatMap((client) =>
  IMPLEMENTATIONS.flatMap((server) =>
    (["push", "pull"] as const).map((direction) => ({ client, server, direction })),
  ),
).filter(({ client, server }) => client !== "rsync" || server !== "rsync");

/** Two empty directories, and the transfer from one to the other. */
export interface Route {
  source: string;
  target: string;
  sync(words: readonly string[], env?: Record<string, string>): Promise<ProgramRun>;
}

/** A directory with a daemon of either kind. */
export class Ground {
  readonly directory: string;
  readonly #daemons = new Map<Implementation, TestDaemon>();
  #routes = 0;

  constructor(name: string) {
    this.directory = mkdtempSync(`${tmpdir()}/tsrsync-${name}-`);
  }

  /** @param modules name and further settings of each; they share one directory. */
  async startDaemons(modules: Readonly<Record<string, string>>): Promise<void> {
    for (const implementation of IMPLEMENTATIONS) {
      const path = this.#moduleOf(implementation);
      mkdirSync(path, { recursive: true });
      const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
      const common = `use chroot = no\nread only = no\n${identity}path = ${path}\n`;
      const config = Object.entries(modules).map(
        ([name, settings]) => `[${name}]\n${common}${settings}\n`,
      );
      const place = `${this.directory}/${implementation}`;
      this.#daemons.set(implementation, await startDaemon(implementation, place, config.join("")));
    }
  }

  async clear(): Promise<void> {
    for (const daemon of this.#daemons.values()) await daemon.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** @param by the module of a daemon, or a remote shell. */
  route({ client, server, direction }: Pairing, by: { module: string } | "shell"): Route {
    const name = `${this.#routes++}`;
    const remote = `${this.#moduleOf(server)}/${name}`;
    const local = `${this.directory}/local-${name}`;
    for (const directory of [remote, local]) mkdirSync(directory, { recursive: true });
    const { command, prefix } = commandOf(server);
    const options =
      by === "shell" ? [`--rsh=${SHELL}`, `--rsync-path=${[command, ...prefix].join(" ")}`] : [];
    const url =
      by === "shell"
        ? `host:${remote}/`
        : `rsync://127.0.0.1:${this.#daemons.get(server)!.port}/${by.module}/${name}/`;
    const ends = direction === "push" ? [`${local}/`, url] : [url, `${local}/`];
    return {
      source: direction === "push" ? local : remote,
      target: direction === "push" ? remote : local,
      sync: (words, env = {}) => runProgram(client, [...options, ...words, ...ends], { env }),
    };
  }

  #moduleOf(implementation: Implementation): string {
    return `${this.directory}/module-${implementation}`;
  }
}

/** What a run that went well leaves: `(exit 0)`. */
export const outcomeOf = ({ stderr, status }: ProgramRun): string => `${stderr}(exit ${status})`;
