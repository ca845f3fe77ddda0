/**
 * Old rsyncs, as far as they are on this machine: `rsync-3.1.3` and the like in the directory that `TSRSYNC_OLD_RSYNC`
 * names, else in `/opt/rsync-old`. `scripts/old-rsyncs.sh` fetches what Debian still has.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** The name of its file. */
export type Generation = `rsync-${string}`;

const DIRECTORY = process.env["TSRSYNC_OLD_RSYNC"] ?? "/opt/rsync-old";

/** Where the program of that name is. */
export function generationPath(name: Generation): string {
  return `${DIRECTORY}/${name}`;
}

/** An old rsync and the newest protocol that it speaks. */
export interface FoundGeneration {
  name: Generation;
  protocol: number;
}

/** All that are there and run on this machine, oldest first. */
export function findGenerations(): FoundGeneration[] {
  if (!existsSync(DIRECTORY)) return [];
  const names = readdirSync(DIRECTORY).filter((name): name is Generation =>
    name.startsWith("rsync-"),
  );
  const found = names.flatMap((name) => {
    const { stdout } = spawnSync(generationPath(name), ["--version"], { encoding: "utf8" });
    const protocol = /protocol version (\d+)/.exec(stdout ?? "")?.[1];
    return protocol === undefined ? [] : [{ name, protocol: Number(protocol) }];
  });
  return found.sort((a, b) => a.protocol - b.protocol || (a.name < b.name ? -1 : 1));
}
