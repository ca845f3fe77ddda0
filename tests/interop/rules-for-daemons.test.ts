/** Files of rules that a client's arguments name (`-M--exclude-from`): they lie in the module, as a real daemon has it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { comparable, firstErrorLine, runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-client-rules-`);
const PROGRAMS: Implementation[] = ["rsync", "tsrsync"];
const daemons = new Map<Implementation, TestDaemon>();

beforeAll(async () => {
  mkdirSync(`${work}/source`);
  for (const name of ["a", "b", "z"]) writeFileSync(`${work}/source/${name}`, name);
  writeFileSync(`${work}/rules`, "z\n");
  for (const program of PROGRAMS) {
    const module = `${work}/module-${program}`;
    mkdirSync(`${module}/sub`, { recursive: true });
    for (const name of ["a", "b", "sub/a"]) writeFileSync(`${module}/${name}`, name);
    writeFileSync(`${module}/rules`, "# comment\n+ sub/a\na\n");
    const owner = isRoot() ? "uid = 0\ngid = 0\n" : "";
    const common = `path = ${module}\nuse chroot = no\nread only = no\n${owner}`;
    const config = `[m]\n${common}[hiding]\n${common}exclude = /rules\n`;
    daemons.set(program, await startDaemon(program, `${work}/${program}`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

async function outcome(client: Implementation, daemon: Implementation, words: string[]) {
  const url = `rsync://127.0.0.1:${daemons.get(daemon)!.port}`;
  const target = `${work}/target`;
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const places = words.map((word) => word.replace("URL", url).replace("TARGET", target));
  const { status, stdout, stderr } = await runProgram(client, places, { cwd: work });
  return { status, stdout, stderr: comparable(stderr), got: readTree(target, { times: "none" }) };
}

describe.each(PROGRAMS)("with a client of %s", (client) => {
  test.each([
    ["-M--exclude-from=rules"],
    ["-M--exclude-from=/rules"],
    ["-M--exclude-from=../../rules"],
    ["-M--include-from=rules"],
  ])("%s of a pull", async (option) => {
    const words = ["-ri", option, "URL/m/", "TARGET/"];
    const theirs = await outcome(client, "rsync", words);
    const ours = await outcome(client, "tsrsync", words);
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ status: 0, stderr: "" });
    expect("a" in ours.got).toBe(option.startsWith("-M--include"));
  });

  test("what the module hides is no file of rules, wherever it lies", async () => {
    for (const option of ["-M--exclude-from=rules", "-M--include-from=x/../rules"]) {
      const url = `rsync://127.0.0.1:${daemons.get("tsrsync")!.port}/hiding/`;
      const run = await runProgram(client, ["-r", option, url, `${work}/target/`]);
      expect(firstErrorLine(run)).toBe("rsync: Your options have been rejected by the server.");
    }
  });

  test("a file of rules outside of the module is none, and neither is one that is missing", async () => {
    for (const name of [`${work}/rules`, "../../../../etc/passwd", "missing"]) {
      const words = ["-r", `-M--exclude-from=${name}`, "URL/m/", "TARGET/"];
      const { status, stderr } = await outcome(client, "tsrsync", words);
      expect(`${status}: ${stderr}`).toMatch(
        /^11: rsync: failed to open exclude file \S+: No such file or directory \(2\)\n/,
      );
    }
  });
});

test("rules of a push protect what they name", async () => {
  for (const daemon of PROGRAMS) {
    writeFileSync(`${work}/module-${daemon}/keep`, "k");
    writeFileSync(`${work}/module-${daemon}/kept-by`, "keep\nkept-by\nrules\nsub\n");
    const url = `rsync://127.0.0.1:${daemons.get(daemon)!.port}/m/`;
    const words = ["-r", "--delete", "-M--exclude-from=/kept-by", "source/", url];
    const run = await runProgram("rsync", words, { cwd: work });
    expect(run.status, run.stderr).toBe(0);
  }
  const [theirs, ours] = PROGRAMS.map((name) =>
    readTree(`${work}/module-${name}`, { times: "none" }),
  );
  expect(ours).toEqual(theirs);
  expect(Object.keys(ours!)).toContain("keep");
});
