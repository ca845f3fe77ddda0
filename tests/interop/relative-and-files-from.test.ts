/**
 * Which names are listed: --relative, --files-from and missing arguments, by every pair of programs.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, test } from "vitest";
import { expectAsRsync, OUR_WAYS, type PairedTransfer, waysInTurn } from "../support/pairs.js";
import { runCommand } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-names-`);
const root = `${work}/source`;
const OLD = 1_500_000_000;

beforeAll(() => {
  process.umask(0o022);
  mkdirSync(`${root}/a/b`, { recursive: true });
  mkdirSync(`${root}/a/x/deep`, { recursive: true });
  for (const name of ["a/b/c", "a/x/y", "a/x/deep/z", "top", "#odd"]) {
    writeFileSync(`${root}/${name}`, name);
    utimesSync(`${root}/${name}`, OLD, OLD + 9);
  }
  symlinkSync("a", `${root}/l`);
  for (const name of ["a/b", "a/x/deep", "a/x", "a", "."]) {
    utimesSync(`${root}/${name}`, OLD, OLD + 5);
  }
  writeFileSync(`${work}/list`, "a/b/c\n# no name\n;nor this\n\n/top\r\na/./x/y\nmissing\nl/b/c");
  writeFileSync(`${work}/plain-list`, "a/x/\ntop\nmissing\n");
  writeFileSync(`${work}/nul-list`, "a/b/c\0top\0");
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What there is, with times that a transfer has set; whatever is newer was made just now. */
function look(target: string): string[] {
  const { stdout } = runCommand("find", [target, "-printf", "%P %y %m %Ts %l\n"]);
  const lines = stdout.replace(/ (\d{9,}) /g, (all, seconds) =>
    Number(seconds) > OLD + 1000 ? " now " : all,
  );
  return lines.split("\n").sort();
}

let turn = 0;
function check(source: string, words: string[], changes: Partial<PairedTransfer> = {}) {
  const ways = waysInTurn(turn++);
  return expectAsRsync({ work, source: `${root}${source}`, words, look, ways, ...changes });
}

describe("--relative", () => {
  test.each([
    ["a file and its parents", "/./a/b/c", []],
    ["a directory and what is in it", "/./a", []],
    ["the contents of a directory", "/./a/x/", []],
    ["a path through a link", "/./l/b/c", []],
    ["a link with a slash", "/./l/", []],
    ["everything below the mark", "/a/./", []],
    ["parents without their attributes", "/./a/b/c", ["--no-implied-dirs"]],
    ["one list for all", "/./a/b/c", ["--no-inc-recursive"]],
    ["protocol 30", "/./a/x", ["--protocol=30"]],
    ["protocol 29", "/./a/x", ["--protocol=29"]],
    ["protocol 28", "/./a/x", ["--protocol=28"]],
    ["no recursion", "/./a/b", ["--no-recursive", "--dirs"]],
    ["extra items are deleted in what was asked for only", "/./a/x", ["--delete"]],
  ])("%s", (_, source, words) => {
    const prepare = (target: string) => {
      if (!words.includes("--delete")) return;
      mkdirSync(`${target}/a/x`, { recursive: true });
      for (const name of ["extra", "a/extra", "a/x/extra"]) writeFileSync(`${target}/${name}`, "");
    };
    return check(source, ["-aRi", ...words], { prepare });
  });
});

test("nothing is made for something that is not there", () =>
  check("/./a/none/c", ["-aRi"], { ways: OUR_WAYS.filter(({ server }) => server === null) }));

describe("--files-from", () => {
  const local = OUR_WAYS.filter(({ server }) => server === null);
  const pushes = OUR_WAYS.filter(
    ({ server, direction }) => server !== null && direction === "push",
  );
  const pulls = OUR_WAYS.filter(({ direction }) => direction === "pull");

  test("a list that the sender reads", () =>
    check("/", ["-ai", `--files-from=${work}/list`], { ways: [...local, ...pushes] }));

  test.each([32, 30, 29])("a list that is sent to the sender, protocol %d", (protocol) =>
    check("/", ["-ai", `--files-from=${work}/plain-list`, `--protocol=${protocol}`], {
      ways: pulls,
    }),
  );

  test.each([32, 30, 29])("a list on the remote side, protocol %d", (protocol) =>
    check("/", ["-ai", `--files-from=:${work}/plain-list`, `--protocol=${protocol}`], {
      ways: [...pushes, ...pulls],
    }),
  );

  test.each([
    ["names that end at NUL", ["--from0", `--files-from=${work}/nul-list`]],
    ["with recursion", ["-r", `--files-from=${work}/plain-list`]],
    ["without paths", ["--no-relative", `--files-from=${work}/nul-list`, "--from0"]],
    [
      "names on the sender that are gone",
      ["--ignore-missing-args", `--files-from=${work}/plain-list`],
    ],
  ])("%s", (_, words) => check("/", ["-ai", ...words]));
});

test.each([[], ["--force"], ["--protocol=29"]])("--delete-missing-args %j", (...more) =>
  check("/", ["-ai", "--delete-missing-args", `--files-from=${work}/plain-list`, ...more], {
    prepare: (target) => {
      mkdirSync(`${target}/missing`);
      writeFileSync(`${target}/missing/inside`, "");
      writeFileSync(`${target}/stays`, "");
    },
  }),
);
