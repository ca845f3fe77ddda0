/**
 * Filters over the wire: the runs that were captured from rsync (docs/protocol/vectors/filters.json), with one side or the
 * other ours; then deletion, old protocols, and what a daemon's own rules hide, each compared with rsync x rsync.
 */
import { spawn } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import golden from "../../docs/protocol/vectors/filters.json" with { type: "json" };
import { commandOf, type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { isRoot } from "../support/rsync.js";

interface RunCase {
  readonly name: string;
  readonly options: readonly string[];
  readonly source: string;
  readonly src: Record<string, string>;
  readonly dest: Record<string, string>;
  readonly files: Record<string, string>;
  readonly home?: Record<string, string>;
  readonly env: Record<string, string>;
  readonly exit: number;
  readonly after: readonly string[];
}

const work = mkdtempSync(`${tmpdir()}/tsrsync-filters-`);
const daemons = new Map<Implementation, TestDaemon>();

/** `--relative` is not among what we carry out. */
const cases = (golden.transfer as unknown as RunCase[]).filter(
  ({ options }) => !/^-\w*R/.test(options[0] ?? ""),
);

const MODULES = `[m]
path = ${work}
read only = no
[hide]
path = ${work}
read only = no
exclude = /*/w/secret /*/w/closed/ /*/w/dst/secret /*/w/dst/closed/ *.o
[shut]
path = ${work}
read only = no
exclude = /*/w/shut
[files]
path = ${work}
read only = no
filter = -_/*/w/src/secret .-_${work}/rules
include from = ${work}/included
include = b.c
exclude from = ${work}/excluded
exclude = *.c
`;

beforeAll(async () => {
  writeFileSync(`${work}/rules`, "# comment\nd.txt\n");
  writeFileSync(`${work}/included`, "a.o\n");
  writeFileSync(`${work}/excluded`, "*.o\n/*/w/src/closed/\n");
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  for (const implementation of ["tsrsync", "rsync"] as const) {
    const directory = `${work}/${implementation}`;
    const config = `use chroot = no\n${identity}${MODULES}`;
    daemons.set(implementation, await startDaemon(implementation, directory, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

const OLD = 1_500_000_000;

function writeTree(root: string, tree: Record<string, string>): void {
  mkdirSync(root, { recursive: true });
  for (const [path, content] of Object.entries(tree)) {
    if (path.endsWith("/")) mkdirSync(`${root}/${path}`, { recursive: true });
    else {
      mkdirSync(dirname(`${root}/${path}`), { recursive: true });
      writeFileSync(`${root}/${path}`, content);
      // Whether a second passes meanwhile must make no difference.
      utimesSync(`${root}/${path}`, OLD, OLD);
    }
  }
}

/** Paths below `root`, directories with a slash. */
function listTree(root: string): string[] {
  return (readdirSync(root, { recursive: true }) as string[])
    .map((path) => (lstatSync(`${root}/${path}`).isDirectory() ? `${path}/` : path))
    .sort();
}

interface Way {
  client: Implementation;
  daemon: Implementation;
  direction: "push" | "pull";
}

let directories = 0;

/** Lays out a tree to work in; `path` is what a daemon calls it. */
function makePlace(run: Omit<RunCase, "name" | "exit" | "after" | "options" | "source">) {
  const name = String(directories++);
  const directory = `${work}/${name}/w`;
  writeTree(directory, run.files);
  writeTree(`${directory}/src`, run.src);
  writeTree(`${directory}/dst`, run.dest);
  writeTree(`${directory}/home`, run.home ?? {});
  return { directory, path: `${name}/w` };
}

interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program beside others: the tests here wait more than they work. */
function runProgram(
  client: Implementation,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Result> {
  const { command, prefix } = commandOf(client);
  const environment = { ...process.env, LC_ALL: "C.UTF-8", HOME: `${cwd}/home`, ...env };
  const child = spawn(command, [...prefix, ...args], { cwd, env: environment });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("latin1").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("latin1").on("data", (text: string) => (output.stderr += text));
  child.stdin.end();
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, ...output })));
}

const urlOf = (daemon: Implementation, module: string) =>
  `rsync://127.0.0.1:${daemons.get(daemon)!.port}/${module}`;

/** Lays out a case and runs it. */
async function runCase(run: RunCase, { client, daemon, direction }: Way, extra: string[] = []) {
  const { directory, path } = makePlace(run);
  const url = `${urlOf(daemon, "m")}/${path}/`;
  const root = direction === "push" ? `${directory}/src` : `/${path}/src`;
  const options = run.options.map((option) => option.replace("ROOT", root));
  const paths = direction === "push" ? [run.source, `${url}dst/`] : [url + run.source, "dst/"];
  const result = await runProgram(client, [...options, ...extra, ...paths], directory, run.env);
  return { ...result, after: listTree(`${directory}/dst`) };
}

/** What rsync x rsync does with the same case; asked once. */
const references = new Map<string, ReturnType<typeof runCase>>();

function reference(run: RunCase, direction: Way["direction"], extra: string[]) {
  const key = JSON.stringify([run.name, direction, extra]);
  const known =
    references.get(key) ?? runCase(run, { client: "rsync", daemon: "rsync", direction }, extra);
  references.set(key, known);
  return known;
}

const WAYS: Way[] = (["push", "pull"] as const).flatMap((direction) => [
  { client: "tsrsync", daemon: "rsync", direction },
  { client: "rsync", daemon: "tsrsync", direction },
]);

/** The ways in turn; a daemon does not see the user's home and environment, so that only a push can tell. */
const wayOf = ({ home }: RunCase, index: number): Way => WAYS[home === undefined ? index % 4 : 0]!;

test.concurrent.each(cases.map((run, index) => ({ run, ...wayOf(run, index) })))(
  "$run.name: $client client, $daemon daemon, $direction",
  async ({ run, ...way }) => {
    const { status, stderr, after } = await runCase(run, way);
    expect({ status, after, stderr: run.exit === 0 ? stderr : "" }).toEqual({
      status: run.exit,
      after: [...run.after].sort(),
      stderr: "",
    });
  },
);

const named = (name: string): RunCase => cases.find((run) => run.name === name)!;

describe.concurrent.each(["--protocol=29", "--protocol=31"])("%s", (protocol) => {
  const names = ["delete-excluded", "-C delete", "-FF"];
  test.each(names.flatMap((name) => WAYS.map((way) => ({ name, ...way }))))(
    "$name: $client client, $daemon daemon, $direction",
    async ({ name, ...way }) => {
      const ours = await runCase(named(name), way, [protocol]);
      const theirs = await reference(named(name), way.direction, [protocol]);
      expect({ ...ours, stdout: "" }).toEqual({ ...theirs, stdout: "" });
    },
  );

  test.each(WAYS)(
    "a rule that is too modern: $client client, $daemon daemon, $direction",
    async (way) => {
      const run = { ...named("none"), name: "modern", options: ["-r", "--delete", "-f-p *.o"] };
      const ours = await runCase(run, way, [protocol]);
      const theirs = await reference(run, way.direction, [protocol]);
      expect([ours.status, ours.after]).toEqual([theirs.status, theirs.after]);
    },
  );
});

const REMOVAL: RunCase = {
  ...named("none"),
  name: "removal",
  src: { "kept/a": "1", "kept/.rules": "- mine\n-p *.tmp\n" },
  dest: {
    "kept/a": "0",
    "kept/.rules": "- theirs\n",
    "kept/mine": "",
    "kept/theirs": "",
    "gone/deep/x.tmp": "",
    "gone/deep/y": "",
    "gone/.rules": "- deep/z\n- stays\n",
    "gone/deep/z": "",
    "gone/stays/in": "",
    "gone/goes/in": "",
    "x.tmp": "",
    file: "",
  },
  options: ["-ri", "-f: .rules", "-f-p *.tmp", "-fP gone/*/y"],
};

describe.concurrent.each(["--del", "--delete-before", "--delete-delay", "--delete-after"])(
  "%s",
  (timing) => {
    test.each(WAYS)(
      "keeps what per-directory files of the destination protect: $client client, $daemon daemon, $direction",
      async (way) => {
        const ours = await runCase(REMOVAL, way, [timing]);
        const theirs = await reference(REMOVAL, way.direction, [timing]);
        const sorted = ({ stdout, ...rest }: typeof ours) => ({
          ...rest,
          // rsync says twice of some directories that they can not be deleted.
          stdout: [...new Set(stdout.split("\n"))].sort(),
        });
        expect(sorted(ours)).toEqual(sorted(theirs));
      },
    );
  },
);

const LOCAL = [
  "dir-merge clear in subdir",
  "-F parent scan",
  "-C with HOME and env",
  "delete-excluded with protect",
];

test.concurrent.each([...LOCAL, "prune protect", "abs modifier"])(
  "a local copy: %s",
  async (name) => {
    const run = named(name);
    const { directory } = makePlace(run);
    const options = run.options.map((option) => option.replace("ROOT", `${directory}/src`));
    const { status, stderr } = await runProgram(
      "tsrsync",
      [...options, run.source, "dst/"],
      directory,
      run.env,
    );
    const after = listTree(`${directory}/dst`);
    expect({ status, stderr, after }).toEqual({
      status: 0,
      stderr: "",
      after: [...run.after].sort(),
    });
  },
);

test.concurrent.each([
  ["--exclude-from=no/such", 11],
  ["--include-from=no/such", 11],
  ["--filter=merge no/such", 11],
  ["--filter=unknown x", 1],
  ["--filter=-q x", 1],
  ["--filter=! x", 1],
])("%s ends the run before it begins, with rsync's words", async (option, code) => {
  const { directory } = makePlace(named("none"));
  const first = async (client: Implementation) => {
    const result = await runProgram(client, ["-r", option, "src/", "dst/"], directory);
    return [result.status, result.stderr.split("\n")[0]];
  };
  const ours = await first("tsrsync");
  expect(ours).toEqual(await first("rsync"));
  expect(ours[0]).toBe(code);
  expect(listTree(`${directory}/dst`)).toEqual([]);
});

/** What a module has, and what comes to it. */
const HIDDEN = {
  src: {
    secret: "s",
    open: "o",
    "a.o": "",
    "b.c": "",
    "c.c": "",
    "d.txt": "",
    "closed/in": "i",
    "closed/deep/in": "i",
    "shown/b.o": "",
    "shown/c": "",
  },
  dest: { secret: "old", "closed/old": "", "x.o": "", extra: "", "more/y.o": "" },
  files: { "shut/in": "x", "empty/": "" },
  env: {},
};

interface Request {
  what: string;
  options?: string[];
  /** Words after the options; `URL` is the place in the module. */
  paths: string[];
  module: "hide" | "shut" | "files";
}

const REQUESTS: Request[] = [
  { what: "a listing", module: "hide", paths: ["URL/src/"] },
  { what: "a listing by rules from files", module: "files", paths: ["URL/src/"] },
  { what: "a pull of everything", module: "hide", paths: ["URL/src/", "empty/"] },
  { what: "a pull by rules from files", module: "files", paths: ["URL/src/", "empty/"] },
  { what: "a pull of a hidden file", module: "hide", paths: ["URL/src/../secret", "empty/"] },
  { what: "a pull of a hidden name", module: "hide", paths: ["URL/src/a.o", "empty/"] },
  { what: "a pull of a hidden directory", module: "hide", paths: ["URL/closed", "empty/"] },
  { what: "a pull from below a hidden one", module: "shut", paths: ["URL/shut/in", "empty/"] },
  { what: "a pull of its contents", module: "shut", paths: ["URL/shut/", "empty/"] },
  { what: "wildcards", module: "hide", paths: ["URL/src/*", "empty/"] },
  {
    what: "wildcards that meet only hidden names",
    module: "hide",
    paths: ["URL/src/*.o", "empty/"],
  },
  { what: "a push of everything", module: "hide", paths: ["src/", "URL/dst/"] },
  {
    what: "a push that deletes",
    module: "hide",
    options: ["--delete"],
    paths: ["src/", "URL/dst/"],
  },
  {
    what: "a push with --delete-excluded",
    module: "hide",
    options: ["--delete-excluded", "--exclude=extra"],
    paths: ["src/", "URL/dst/"],
  },
  { what: "a push to a hidden name", module: "hide", paths: ["src/open", "URL/dst/secret"] },
  {
    what: "a push into a hidden directory",
    module: "hide",
    paths: ["src/open", "URL/dst/closed/"],
  },
  {
    what: "a push below a name that is hidden alone",
    module: "shut",
    paths: ["src/open", "URL/shut/in"],
  },
  { what: "a push to that name", module: "shut", paths: ["src/open", "URL/shut"] },
];

describe.concurrent.each(REQUESTS)(
  "what a module hides: $what",
  ({ options = [], paths, module }) => {
    const run = async (daemon: Implementation, client: Implementation) => {
      const { directory, path } = makePlace(HIDDEN);
      const url = `${urlOf(daemon, module)}/${path}`;
      const words = ["-r", ...options, ...paths.map((word) => word.replace("URL", url))];
      const { status, stdout, stderr } = await runProgram(client, words, directory);
      // Names of places and programs differ, and how a client that got nothing sees the end.
      const plain = (text: string) =>
        text
          .replaceAll(path, "PLACE")
          .split("\n")
          .filter((line) => !/^rsync error|read error: Connection reset/.test(line))
          .map((line) => line.replace(/^(\S{10}) .* (?=\S+$)/, "$1 "))
          .sort();
      return { status, stdout: plain(stdout), stderr: plain(stderr), after: listTree(directory) };
    };

    test("our daemon answers as rsync's", async () => {
      expect(await run("tsrsync", "rsync")).toEqual(await run("rsync", "rsync"));
    });
  },
);
