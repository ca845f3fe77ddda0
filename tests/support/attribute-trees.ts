/**
 * Trees for tests of attributes: items of many modes and owners, and a tree with some of them as they were before.
 */
import {
  chmodSync,
  chownSync,
  lutimesSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { isRoot } from "./rsync.js";

/** The time of all items, in seconds. */
export const OLD = 1_500_000_000;

function item(root: string, name: string, mode: number, id = 0): void {
  const path = `${root}/${name}`;
  writeFileSync(path, name);
  if (isRoot()) chownSync(path, id, id);
  chmodSync(path, mode);
  utimesSync(path, OLD + 100, OLD);
}

/** Makes the tree that is to be sent, and the one that is at the destination before. */
export function buildAttributeTrees(source: string, before: string): void {
  for (const root of [source, before]) mkdirSync(`${root}/dir/deep`, { recursive: true });
  item(source, "plain", 0o641);
  item(source, "run", 0o755, 1);
  item(source, "setuid", 0o4755, 2);
  item(source, "setgid", 0o2711, 60_001);
  item(source, "dir/secret", 0o400, 3);
  item(source, "dir/deep/new", 0o666, 1);
  symlinkSync("plain", `${source}/link`);
  lutimesSync(`${source}/link`, OLD, OLD + 7);
  chmodSync(`${source}/dir`, 0o2770);
  item(before, "plain", 0o600);
  item(before, "run", 0o644, 3);
  item(before, "setuid", 0o755, 2);
  item(before, "dir/secret", 0o444, 3);
  for (const root of [source, before]) {
    for (const name of ["dir/deep", "dir", "."]) utimesSync(`${root}/${name}`, OLD, OLD + 5);
  }
}
