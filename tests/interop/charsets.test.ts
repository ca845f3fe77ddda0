/**
 * `--iconv` by every pair of programs: over a remote shell, on one machine, and with a module's charset.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDaemon } from "../support/daemon.js";
import { expectAsRsync, OUR_WAYS, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";
import { bytesOf, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-charsets-`);
const source = `${work}/source/`;
const utf8 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");
const asRoot = isRoot() ? "uid = 0\ngid = 0\n" : "";

function build(root: string, names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(bytesOf(`${root}/d-${name}`), { recursive: true });
    writeFileSync(bytesOf(`${root}/d-${name}/in-${name}`), "x");
    writeFileSync(bytesOf(`${root}/${name}`), "x");
    symlinkSync(bytesOf(`to-${name}`), bytesOf(`${root}/l-${name}`));
  }
}

beforeAll(() => {
  // In the order of Latin-1 and of UTF-8 these sort in different ways.
  build(source, [utf8("\u00e9"), utf8("z\u00fc"), "plain", utf8("\u00ff")]);
  build(`${work}/latin1`, ["\xe9", "z\xfc", "plain", "\xff"]);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

const look = (target: string) => readTree(target, { times: "none" });
let turn = 0;
const check = (words: string[], changes: Partial<PairedTransfer> = {}): Promise<void> =>
  expectAsRsync({ work, source, words, look, ways: waysInTurn(turn++), ...changes });

describe("over a remote shell and on one machine", () => {
  test.each([
    [["-rli", "--iconv=utf8,latin1"]],
    [["-rli", "--iconv=utf-8,utf-8"]],
    [["-rli", "--iconv=."]],
    [["-rli", "--iconv=latin1,utf8"]],
    [["-rli", "--iconv=utf8,latin1", "--protocol=30"]],
    [["-rli", "--iconv=utf8,latin1", "--no-inc-recursive"]],
    [["-rlni", "--iconv=utf8,latin1"]],
    [["-rli", "--iconv=utf8,cp850"]],
    [["-rli", "--iconv=-"]],
  ])("%j", (words) =>
    check(
      words,
      words.length === 2 && words[1] === "--iconv=utf8,latin1" ? { ways: OUR_WAYS } : {},
    ),
  );

  test("deletions are told in the client's charset", () =>
    check(["-rli", "--delete", "--iconv=utf8,latin1"], {
      prepare: (target) => writeFileSync(bytesOf(`${target}/old-\xe8`), "x"),
      ways: [
        { client: "tsrsync", server: "rsync", direction: "push" },
        { client: "rsync", server: "tsrsync", direction: "push" },
      ],
    }));

  test("a name that the sender can not convert is left out, with what is in it", async () => {
    const odd = `${work}/odd/`;
    build(odd, ["plain", "cut-\xe9", "wrong-\xe9-byte"]);
    await check(["-rli", "--iconv=utf8,latin1"], {
      source: odd,
      ways: [
        { client: "tsrsync", server: null, direction: "push" },
        { client: "tsrsync", server: "rsync", direction: "push" },
        { client: "rsync", server: "tsrsync", direction: "push" },
      ],
    });
  });

  test("a name that the receiver can not convert is left out as well", async () => {
    const wide = `${work}/wide/`;
    build(wide, ["plain", utf8("\u3042")]);
    for (const words of [["--iconv=utf8,latin1"], ["--iconv=utf8,latin1", "--no-inc-recursive"]]) {
      const target = `${work}/narrow`;
      rmSync(target, { recursive: true, force: true });
      const run = await runProgram("tsrsync", ["-rl", ...words, wide, target]);
      expect(run.status).toBe(23);
      expect(run.stderr).toContain("[Receiver] cannot convert filename: ");
      expect(readdirSync(target).sort()).toEqual(["d-plain", "l-plain", "plain"]);
    }
  });

  test("arguments in a secluded list are converted", () =>
    check(["-rli", "-s", "--iconv=utf8,latin1"], {
      source: `${work}/latin1/d-${"\u00e9"}`,
      ways: OUR_WAYS.filter(({ direction, server }) => server !== null && direction === "pull"),
    }));

  test.each([["--iconv=bogus"], ["--iconv=bogus,utf8"]])("%s is no charset", async (word) => {
    for (const program of ["rsync", "tsrsync"] as const) {
      const run = await runProgram(program, ["-r", word, source, `h:${work}/no`, "--rsh=false"]);
      expect(run.stderr.split("\n")[0]).toBe('iconv_open("UTF-8", "bogus") failed');
    }
  });
});

describe("a daemon", () => {
  const config = `${asRoot}[m]\npath = ${work}/latin1\nuse chroot = no\ncharset = latin1\nmunge symlinks = no\n[up]\npath = ${work}/up\nuse chroot = no\ncharset = latin1\nread only = no\nmunge symlinks = no\n[must]\npath = ${work}/latin1\nuse chroot = no\ncharset = latin1\nrefuse options = no-iconv\n[none]\npath = ${work}/latin1\nuse chroot = no\n[bogus]\npath = ${work}/latin1\nuse chroot = no\ncharset = bogus\n`;

  test.each([
    ["tsrsync", "rsync"],
    ["rsync", "tsrsync"],
    ["tsrsync", "tsrsync"],
  ] as const)("of %s converts for %s", async (server, client) => {
    const daemon = await startDaemon(server, `${work}/daemon`, config);
    const url = `rsync://127.0.0.1:${daemon.port}`;
    const run = (...words: string[]) => runProgram(client, ["-rl", ...words]);
    try {
      rmSync(`${work}/down`, { recursive: true, force: true });
      rmSync(`${work}/up`, { recursive: true, force: true });
      mkdirSync(`${work}/up`);
      expect((await run("--iconv=utf8", `${url}/m/`, `${work}/down`)).stderr).toBe("");
      expect(readTree(`${work}/down`, { times: "none" })).toEqual(
        readTree(source, { times: "none" }),
      );
      expect(readlinkSync(`${work}/down/l-\u00e9`)).toBe("to-\u00e9");
      expect((await run("--iconv=utf8", source, `${url}/up/`)).stderr).toBe("");
      expect(readTree(`${work}/up`, { times: "none" })).toEqual(
        readTree(`${work}/latin1`, { times: "none" }),
      );
      const refused = await run(`${url}/must/`, `${work}/no`);
      expect(refused.stderr).toContain("The server is configured to refuse --no-iconv");
      const without = await run("--iconv=utf8", `${url}/none/`, `${work}/no`);
      expect(without.stderr).toContain("The server is configured to refuse --iconv");
      expect((await run(`${url}/bogus/`, `${work}/no`)).status).toBe(5);
      expect(daemon.log()).toContain('iconv_open("UTF-8", "bogus") failed');
    } finally {
      await daemon.stop();
    }
  });
});
