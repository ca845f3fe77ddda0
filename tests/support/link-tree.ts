/**
 * Trees in which items have several names, and which names are one item.
 */
import { execFileSync } from "node:child_process";
import {
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";

const TIME = 1_500_000_000;

/** A file, and a time that is the same in each run. */
export function putFile(path: string, content: string | Buffer, mtime: number = TIME): void {
  writeFileSync(path, content);
  lutimesSync(path, mtime, mtime);
}

function touchAll(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = `${directory}/${name}`;
    if (lstatSync(path).isDirectory()) touchAll(path);
    else lutimesSync(path, TIME, TIME);
  }
  lutimesSync(directory, TIME, TIME);
}

/** Groups of names within one directory and across directories; links and FIFOs with two names. */
export function buildLinkTree(root: string): void {
  rmSync(root, { recursive: true, force: true });
  for (const directory of ["a", "b/deep", "c"]) {
    mkdirSync(`${root}/${directory}`, { recursive: true });
  }
  const group = (content: string, first: string, ...others: string[]): void => {
    writeFileSync(`${root}/${first}`, content);
    for (const other of others) linkSync(`${root}/${first}`, `${root}/${other}`);
  };
  group("across", "a/1", "a/2", "b/deep/3", "c/4");
  group("beside", "x", "y", "z");
  group("two\n".repeat(5000), "b/big", "c/big");
  writeFileSync(`${root}/alone`, "one name");
  symlinkSync("nowhere", `${root}/c/l1`);
  linkSync(`${root}/c/l1`, `${root}/c/l2`);
  execFileSync("mkfifo", [`${root}/c/p1`]);
  linkSync(`${root}/c/p1`, `${root}/c/p2`);
  touchAll(root);
}

/** Each name below `roots` that is no directory, with the first name of the same item. */
export function readNames(...roots: string[]): Record<string, string> {
  const first = new Map<string, string>();
  const names: Record<string, string> = {};
  const visit = (path: string, shown: string): void => {
    for (const name of readdirSync(path).sort()) {
      const stat = lstatSync(`${path}/${name}`, { bigint: true });
      if (stat.isDirectory()) {
        visit(`${path}/${name}`, `${shown}/${name}`);
        continue;
      }
      const item = `${stat.dev}:${stat.ino}`;
      if (!first.has(item)) first.set(item, `${shown}/${name}`);
      names[`${shown}/${name}`] = first.get(item)!;
    }
  };
  for (const [index, root] of roots.entries()) visit(root, String(index));
  return names;
}
