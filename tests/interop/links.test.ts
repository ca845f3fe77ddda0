/**
 * What becomes of symbolic links, option by option and by every pair of programs.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { expectAsRsync, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { comparable, runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-links-`);
const source = `${work}/source/`;
/** A daemon of root serves as nobody otherwise. */
const asRoot = isRoot() ? "uid = 0\ngid = 0\n" : "";

const look = (target: string): unknown => [
  readTree(target, { times: "none" }),
  readTree(`${work}/outside`, { times: "none" }),
];

let turn = 0;
const check = (words: string[], changes: Partial<PairedTransfer> = {}): Promise<void> =>
  expectAsRsync({ work, source, words, look, ways: waysInTurn(turn++), ...changes });

function buildLinks(root: string): void {
  for (const name of ["sub/deep", "real"]) mkdirSync(`${root}/${name}`, { recursive: true });
  writeFileSync(`${root}/file`, "file\n");
  writeFileSync(`${root}/real/in`, "in\n");
  for (const [name, target] of [
    ["to-file", "file"],
    ["to-directory", "real"],
    ["dangling", "nowhere"],
    ["loop", "loop"],
    ["absolute", `${work}/outside/file`],
    ["out-directory", "../outside/directory"],
    ["out-dangling", "../outside/nothing"],
    ["sub/safe", "../file"],
    ["sub/out", "../../outside/file"],
    ["sub/deep/round", "../../real/../file"],
    ["sub/deep/directory", "../../real"],
  ] as const) {
    symlinkSync(target, `${root}/${name}`);
  }
}

beforeAll(() => {
  buildLinks(source);
  mkdirSync(`${work}/outside/directory`, { recursive: true });
  writeFileSync(`${work}/outside/file`, "outside\n");
  writeFileSync(`${work}/outside/directory/x`, "x\n");
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

describe("links that are looked through", () => {
  test.each([
    [["-rli"]],
    [["-ri"]],
    [["-rLi"]],
    [["-rLci"]],
    [["-rli", "--copy-unsafe-links"]],
    [["-rli", "--safe-links"]],
    [["-rlv", "--safe-links", "--no-inc-recursive"]],
    [["-rlki"]],
    [["-rlki", "--safe-links"]],
    [["-rli", "--copy-unsafe-links", "--safe-links"]],
    [["-rLni"]],
  ])("%j", (words) =>
    check(words, {
      // Bytes that were sent are no matter of links.
      ...(words[0] === "-rlv" && { words: [...words, "--info=STATS0"] }),
    }),
  );

  test.each([["-L"], ["-k"], ["-l"]])("arguments that are links (%s)", (word) =>
    check(["-ri", word], { source: `${source}to-directory` }),
  );

  test("--munge-links makes them useless and back", async () => {
    await check(["-rli", "-M--munge-links"], { ways: waysInTurn(0).slice(0, 2) });
    const munged = `${work}/munged`;
    runCommand("rsync", ["-rl", "-M--munge-links", source, munged]);
    await check(["-rli", "--munge-links"], {
      source: `${munged}/`,
      ways: [{ client: "tsrsync", server: "rsync", direction: "push" }],
    });
  });
});

describe("--keep-dirlinks", () => {
  const prepare = (target: string): void => {
    mkdirSync(`${target}/elsewhere/deeper`, { recursive: true });
    writeFileSync(`${target}/plain`, "");
    symlinkSync("elsewhere", `${target}/real`);
    symlinkSync("elsewhere/deeper", `${target}/sub`);
    symlinkSync("../outside/directory", `${target}/gone`);
    symlinkSync("nowhere", `${target}/empty`);
    symlinkSync("plain", `${target}/over`);
  };
  const wide = `${work}/wide/`;
  beforeAll(() => {
    for (const name of ["real", "sub/deep", "gone", "empty", "over"]) {
      mkdirSync(`${wide}${name}`, { recursive: true });
      writeFileSync(`${wide}${name}/new`, name);
    }
  });

  test.each([[["-rlKi"]], [["-rli"]], [["-rlpKi", "--delete", "--exclude=/gone"]], [["-rlKni"]]])(
    "%j",
    (words) => check(words, { source: wide, prepare }),
  );
});

describe.runIf(isRoot())("--one-file-system", () => {
  const mounted = `${work}/mounted/`;
  beforeAll(() => {
    mkdirSync(`${mounted}other`, { recursive: true });
    execFileSync("mount", ["-t", "tmpfs", "none", `${mounted}other`]);
    mkdirSync(`${mounted}other/in`);
    writeFileSync(`${mounted}other/in/file`, "x");
    symlinkSync("other/in", `${mounted}link`);
  });
  afterAll(() => execFileSync("umount", [`${mounted}other`]));

  test.each([[["-rlxi"]], [["-rlxxi"]], [["-rlxLi"]], [["-rlxxki"]], [["-rlxi", "--delete"]]])(
    "%j",
    (words) =>
      check(words, { source: mounted, look: (target) => readTree(target, { times: "none" }) }),
  );
});

describe("a daemon", () => {
  const module = `${work}/module`;
  beforeAll(() => {
    mkdirSync(`${module}/src`, { recursive: true });
    buildLinks(`${module}/src`);
    mkdirSync(`${module}/outside/directory`, { recursive: true });
    writeFileSync(`${module}/outside/file`, "inside the module\n");
    writeFileSync(`${module}/outside/directory/x`, "x\n");
    symlinkSync("../../../outside/file", `${module}/src/sub/escape`);
  });

  test.each([["-rlL"], ["-rlk"], ["-rl", "--copy-unsafe-links"]])(
    "follows links inside the module only (%s %s)",
    async (...words) => {
      const config = `${asRoot}[m]\npath = ${module}\nuse chroot = no\nmunge symlinks = no\n`;
      const found = [];
      for (const server of ["rsync", "tsrsync"] as const) {
        const daemon = await startDaemon(server, `${work}/daemon-${server}`, config);
        try {
          const target = `${work}/target`;
          rmSync(target, { recursive: true, force: true });
          const url = `rsync://127.0.0.1:${daemon.port}/m/src/`;
          const run = await runProgram("rsync", [...words, url, target]);
          found.push([run.status, readTree(target, { times: "none" })]);
        } finally {
          await daemon.stop();
        }
      }
      expect(found[1]).toEqual(found[0]);
      expect(JSON.stringify(found[1])).not.toContain("outside\\n");
    },
  );

  test("munges what it stores and unmunges what it sends", async () => {
    const config = `${asRoot}[m]\npath = ${work}/store\nuse chroot = no\nread only = no\nmunge symlinks = yes\n`;
    for (const server of ["rsync", "tsrsync"] as const) {
      for (const client of ["rsync", "tsrsync"] as const) {
        rmSync(`${work}/store`, { recursive: true, force: true });
        rmSync(`${work}/back`, { recursive: true, force: true });
        mkdirSync(`${work}/store`);
        const daemon = await startDaemon(server, `${work}/munging-${server}`, config);
        try {
          const url = `rsync://127.0.0.1:${daemon.port}/m/`;
          const options = isRoot() ? [] : ["--no-o", "--no-g"];
          const push = await runProgram(client, ["-rl", ...options, source, url]);
          expect(comparable(push.stderr)).toBe("");
          const stored = readTree(`${work}/store`, { times: "none", owners: false });
          expect(stored["to-file"]?.content).toBe("/rsyncd-munged/file");
          await runProgram(client, ["-rl", ...options, url, `${work}/back`]);
          expect(
            readTree(`${work}/back`, { times: "none", owners: false })["to-file"]?.content,
          ).toBe("file");
        } finally {
          await daemon.stop();
        }
      }
    }
  });
});
