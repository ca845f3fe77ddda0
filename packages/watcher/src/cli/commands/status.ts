/**
 * `status`: where each root and target stands.
 * @module
 */
import type { MirrorStatus, RootStatus, TargetStatus } from "../../control/types.js";
import { isHealthy } from "../../status/health.js";
import type { CommandLine } from "../command-line.js";
import { WatchExit } from "../exit-code.js";
import type { CliWorld } from "../world.js";
import { withMirror } from "./control.js";

const DEFAULT_MAX_LAG = 60_000;

/** Exit code 0 only when every root is watched, and every target works and lags less than `--max-lag`. */
export async function status(line: CommandLine, world: CliWorld): Promise<WatchExit> {
  return withMirror(line, world, async (client) => {
    const found = await client.status();
    if (line.json) world.out(JSON.stringify(found));
    else for (const text of formatStatus(found)) world.out(text);
    return isHealthy(found, (line.maxLag ?? DEFAULT_MAX_LAG) / 1000)
      ? WatchExit.Ok
      : WatchExit.NotInSync;
  });
}

/** Lines for people. */
export function formatStatus(found: MirrorStatus): string[] {
  const head = `tsrsync-watch ${found.version}, process ${found.pid}, since ${found.started}`;
  return [head, ...found.roots.flatMap(rootLines)];
}

function rootLines(root: RootStatus): string[] {
  const reason = root.reason === "" ? "" : ` (${root.reason})`;
  const shards = root.shards > 1 ? ` in ${root.shards} shards` : "";
  const polled = root.polled === 0 ? "" : `, ${root.polled} polled`;
  return [
    `root ${root.name} ${root.path}: ${root.state}${reason}, ${root.watches} directories watched${shards}${polled}`,
    ...root.targets.flatMap(targetLines),
  ];
}

function targetLines(target: TargetStatus): string[] {
  const facts = [
    `${target.dirty} to go`,
    `lag ${target.lagSeconds.toFixed(1)} s`,
    `${target.pushes} pushes`,
  ];
  if (target.parkedCount > 0) facts.push(`${target.parkedCount} failed`);
  if (target.heldDeletes > 0) facts.push(`${target.heldDeletes} deletions held back`);
  if (target.fullSync?.running) facts.push(`full sync since ${target.fullSync.started}`);
  const reason = target.reason === "" ? "" : ` (${target.reason})`;
  const lines = [`  ${target.name} ${target.url}: ${target.state}${reason}, ${facts.join(", ")}`];
  if (target.lastError !== null && target.state !== "idle") {
    lines.push(`    last error ${target.lastError.at}: ${target.lastError.message}`);
  }
  for (const { path, reason: why } of target.parked.slice(0, 5)) lines.push(`    ${path}: ${why}`);
  return lines;
}
