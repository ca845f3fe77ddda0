/**
 * `--confine-root`: what becomes of directories and rule files outside, compared with rsync.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "../support/program.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-confine-root-`);
const OLD = 1_600_000_000;

function write(path: string, content: string): void {
  mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  writeFileSync(path, content);
  utimesSync(path, OLD, OLD);
}

beforeAll(() => {
  write(`${work}/source/secret`, "s\n");
  write(`${work}/source/f`, "f\n");
  write(`${work}/outside/words`, "- secret\n");
  write(`${work}/outside/basis/f`, "f\n");
  mkdirSync(`${work}/outside/temporary`);
  symlinkSync("../outside/words", `${work}/source/leads-out`);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

type Program = "rsync" | "tsrsync";

async function outcome(program: Program, words: string[], from: string): Promise<unknown> {
  const root = `${work}/${program}`;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(`${root}/basis`, { recursive: true });
  write(`${root}/target/f`, "older\n");
  write(`${root}/basis/f`, "f\n");
  const given = words.map((word) => word.replaceAll("%R", root));
  const { status } = await runProgram(program, [...given, from, `${root}/target/`]);
  const files = Object.entries(readTree(`${root}/target`, { owners: false }));
  const contents = files.flatMap(([name, { type, content }]) =>
    type === "file" ? [[name, content]] : [],
  );
  return { status: status === 0, contents };
}

test.each([
  ["a directory for temporary files, outside", [`--temp-dir=${work}/outside/temporary`]],
  ["backups, outside", ["-b", `--backup-dir=${work}/outside/backups`]],
  ["backups, inside", ["-b", "--backup-dir=%R/backups"]],
  ["a basis, inside", ["--link-dest=%R/basis"]],
  ["a rule file that leads out", ["--filter=: leads-out"]],
  ["a rule file above", ["--filter=: ../outside/words"]],
  ["no confinement", ["--confine-root=/", "--filter=: ../outside/words"]],
])("%s", async (_name, words) => {
  const all = ["-rltOJ", "--confine-root=%R", ...words];
  const expected = await outcome("rsync", all, `${work}/source/`);
  expect(await outcome("tsrsync", all, `${work}/source/`)).toEqual(expected);
});

test("the destination itself may lie outside", async () => {
  const words = ["-r", `--confine-root=${work}/source`, `${work}/source/`, `${work}/elsewhere/`];
  expect((await runProgram("tsrsync", words)).status).toBe(0);
});
