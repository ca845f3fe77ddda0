/**
 * The same transfer by every pair of programs: what ours does, with itself and with rsync at the other end, is compared with
 * what rsync does with itself.
 */
import { mkdirSync, rmSync } from "node:fs";
import { expect } from "vitest";
import { type Implementation, TSRSYNC } from "./daemon.js";
import { comparable, type ProgramRun, runProgram } from "./program.js";
import { findRsync, runCommand } from "./rsync.js";

export const FAKE_SHELL: string = new URL("fake-shell", import.meta.url).pathname;

/** How files come from the source to the target. */
export interface Way {
  client: Implementation;
  /** `null` is a copy on this machine. */
  server: Implementation | null;
  direction: "push" | "pull";
}

/** One transfer to be done in every way. */
export interface PairedTransfer {
  /** A directory of the test's own, in which targets are made. */
  work: string;
  /** With a slash at its end or without, as on the command line. */
  source: string;
  /** Options; `%T` stands for the target's path. */
  words: readonly string[];
  /** What lies in the target before; empty by default. */
  before?: string;
  /** Further preparations of a target. */
  prepare?: (target: string) => void;
  env?: Record<string, string>;
  uid?: number;
  /** All that is to be compared besides output and exit code. */
  look: (target: string) => unknown;
  /** Leaves out ways that do not apply. */
  ways?: readonly Way[];
}

const ways = (client: Implementation, server: Implementation): Way[] => [
  { client, server, direction: "push" },
  { client, server, direction: "pull" },
];

/** All ways in which at least one side is ours. */
export const OUR_WAYS: readonly Way[] = [
  { client: "tsrsync", server: null, direction: "push" },
  ...ways("tsrsync", "tsrsync"),
  ...ways("tsrsync", "rsync"),
  ...ways("rsync", "tsrsync"),
];

/** A copy on this machine and two more ways, other ones for each `turn`: over many cases all pairs get their turn. */
export function waysInTurn(turn: number): readonly Way[] {
  const [alone, ...remote] = OUR_WAYS;
  const at = (turn * 2) % remote.length;
  return [alone!, remote[at]!, remote[(at + 3) % remote.length]!];
}

const nameOf = ({ client, server, direction }: Way): string =>
  server === null ? `${client} alone` : `${client} ${direction} ${server}`;

function remoteWords(server: Implementation | null): string[] {
  if (server === null) return [];
  const path = server === "rsync" ? findRsync().path : `${process.execPath} ${TSRSYNC}`;
  return [`--rsh=${FAKE_SHELL}`, `--rsync-path=${path}`];
}

/** Lines in no certain order, and nothing that no two runs have in common. */
function printed({ stdout, stderr, status }: ProgramRun): string {
  const lines = `${stdout}${comparable(stderr)}`.split("\n").filter((line) => line !== "");
  // Which role stumbles over the other's end, and who says so, is a matter of time.
  return [...lines.sort(), `(exit ${status})`].join("\n");
}

async function once(transfer: PairedTransfer, way: Way): Promise<unknown> {
  const { work, source, words, before, prepare, env, uid } = transfer;
  const target = `${work}/target`;
  rmSync(target, { recursive: true, force: true });
  if (before === undefined) mkdirSync(target);
  else expect(runCommand("cp", ["-a", before, target]).status).toBe(0);
  if (uid !== undefined) runCommand("chown", ["-R", `${uid}:${uid}`, target]);
  prepare?.(target);
  const { client, server, direction } = way;
  const from = server !== null && direction === "pull" ? `h:${source}` : source;
  const to = server !== null && direction === "push" ? `h:${target}/` : `${target}/`;
  const given = words.map((word) => word.replaceAll("%T", target));
  const run = await runProgram(client, [...given, ...remoteWords(server), from, to], {
    cwd: work,
    ...(env === undefined ? {} : { env }),
    ...(uid === undefined ? {} : { uid }),
  });
  return { printed: printed(run).replaceAll("target/./", "target/"), found: transfer.look(target) };
}

/** Does the transfer in all ways; each must end as the same way does with rsync on both sides. */
export async function expectAsRsync(transfer: PairedTransfer): Promise<void> {
  const references = new Map<string, unknown>();
  for (const way of transfer.ways ?? OUR_WAYS) {
    const reference: Way = {
      ...way,
      client: "rsync",
      server: way.server === null ? null : "rsync",
    };
    const key = nameOf(reference);
    if (!references.has(key)) references.set(key, await once(transfer, reference));
    const got = { way: nameOf(way), result: await once(transfer, way) };
    expect(got).toEqual({ way: nameOf(way), result: references.get(key) });
  }
}
