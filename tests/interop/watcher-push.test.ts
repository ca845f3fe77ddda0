/**
 * A mirror's target: pushes of chosen paths to the real daemon, to ours, and to those of other generations.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TargetClient } from "../../packages/watcher/src/target/target-client.js";
import type { PushPlan } from "../../packages/watcher/src/target/types.js";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { findGenerations } from "../support/generations.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";
import { type TargetChanges, targetSettings } from "../support/watch-target.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-watch-push-`);
const source = `${work}/source`;
const target = `${work}/target`;
const daemons = new Map<Implementation, TestDaemon>();
const clients: TargetClient[] = [];

const CONFIG = `
use chroot = no
munge symlinks = no
${isRoot() ? "uid = 0\ngid = 0\n" : ""}socket options = TCP_NODELAY
[m]
path = ${target}
read only = no
[read-only]
path = ${target}
[no-delete]
path = ${target}
read only = no
refuse options = delete
[secret]
path = ${target}
read only = no
auth users = bob
secrets file = ${work}/secrets
[nobody]
path = ${target}
read only = no
uid = 65534
gid = 65534
`;

const GENERATIONS = ["rsync-3.0.0", "rsync-3.1.3", "rsync-3.2.7", "rsync-3.4.1"] as const;
const found = new Set<string>(findGenerations().map(({ name }) => name));
const OLD = GENERATIONS.filter((name) => found.has(name));

beforeAll(async () => {
  mkdirSync(target);
  writeFileSync(`${work}/secrets`, "bob:right\n", { mode: 0o600 });
  for (const implementation of ["rsync", "tsrsync", ...OLD] as const) {
    daemons.set(
      implementation,
      await startDaemon(implementation, `${work}/${implementation}`, CONFIG),
    );
  }
});

afterAll(async () => {
  await Promise.all([...daemons.values()].map((daemon) => daemon.stop()));
  rmSync(work, { recursive: true, force: true });
});

function client(
  implementation: Implementation,
  module = "m",
  changes: TargetChanges = {},
): TargetClient {
  const user = module === "secret" ? "bob@" : "";
  const { port } = daemons.get(implementation)!;
  const made = new TargetClient(
    source,
    targetSettings(`rsync://${user}127.0.0.1:${port}/${module}`, changes),
  );
  clients.push(made);
  return made;
}

function plan(changes: Partial<PushPlan>): PushPlan {
  return { items: [], forced: new Set(), deletes: [], trees: [], links: [], ...changes };
}

/** Both sides empty. */
function clean(): void {
  for (const directory of [source, target]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
  }
}

/** A tree as a daemon can make it: 3.0.0 knows whole seconds only, 3.1.3 as built here sets no times of links. */
function look(root: string, implementation: Implementation): ReturnType<typeof readTree> {
  const items = readTree(root, { times: implementation === "rsync-3.0.0" ? "s" : "ns" });
  if (implementation !== "rsync-3.1.3") return items;
  for (const item of Object.values(items)) if (item.type === "link") item.mtime = "";
  return items;
}

describe.each(["rsync", "tsrsync", ...OLD] as const)("a mixed batch to %s", (implementation) => {
  it("makes both sides equal", async () => {
    clean();
    for (const name of ["a/b/c", "gone/deep/er", "dir-file", "dir-link"])
      mkdirSync(`${source}/${name}`, { recursive: true });
    for (const name of [
      "a/f",
      "a/b/c/g",
      "gone/x",
      "gone/deep/er/y",
      "dir-file/in",
      "file-dir",
      "file-link",
      "deleted",
      "od*d[n]a\\me",
    ]) {
      writeFileSync(`${source}/${name}`, name);
    }
    symlinkSync("f", `${source}/a/link`);
    const target_ = client(implementation);
    const capabilities = await target_.probe();
    const isOld = implementation === "rsync-3.0.0";
    expect(capabilities).toEqual({
      missingArguments: !isOld,
      deletes: true,
      hardLinks: true,
      nanoseconds: !isOld,
    });
    const first = await target_.push(plan({ trees: [""] }), capabilities);
    expect([...first.failed]).toEqual([]);
    expect(look(target, implementation)).toEqual(look(source, implementation));

    writeFileSync(`${source}/a/f`, "a-f"); // as long as before
    mkdirSync(`${source}/new/nested`, { recursive: true });
    writeFileSync(`${source}/new/nested/file`, "new");
    rmSync(`${source}/a/link`);
    symlinkSync("elsewhere", `${source}/a/link`);
    rmSync(`${source}/gone`, { recursive: true });
    rmSync(`${source}/deleted`);
    rmSync(`${source}/od*d[n]a\\me`);
    rmSync(`${source}/dir-file`, { recursive: true });
    writeFileSync(`${source}/dir-file`, "now a file");
    rmSync(`${source}/dir-link`, { recursive: true });
    symlinkSync("x", `${source}/dir-link`);
    rmSync(`${source}/file-dir`);
    mkdirSync(`${source}/file-dir`);
    writeFileSync(`${source}/file-dir/in`, "1");
    rmSync(`${source}/file-link`);
    symlinkSync("y", `${source}/file-link`);
    chmodSync(`${source}/a/b/c/g`, 0o600);
    const outcome = await target_.push(
      plan({
        items: [
          "",
          "a",
          "a/f",
          "a/link",
          "a/b/c/g",
          "new",
          "new/nested",
          "new/nested/file",
          "dir-file",
          "dir-link",
          "file-dir",
          "file-dir/in",
          "file-link",
        ],
        deletes: ["gone", "deleted", "od*d[n]a\\me", "never/there"],
      }),
      capabilities,
    );
    expect([...outcome.failed]).toEqual([]);
    expect(outcome.files).toBeGreaterThanOrEqual(4);
    expect(look(target, implementation)).toEqual(look(source, implementation));
    const differences = await target_.verify();
    expect(
      differences.filter(
        ({ change }) => change !== ".L..t......" || implementation !== "rsync-3.1.3",
      ),
    ).toEqual([]);
    await target_.close();
  });
});
