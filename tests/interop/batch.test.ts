/**
 * Batch files: {ours, rsync's} written over every transport, applied by {ours, rsync}, with the script that comes with them.
 */
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  commandOf,
  type Implementation,
  remotePathOf,
  startDaemon,
  type TestDaemon,
} from "../support/daemon.js";
import { extended, setAttributes } from "../support/extended.js";
import { comparable, type ProgramRun, runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { buildTree, changeTree, readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-batch-`);
const PROGRAMS: Implementation[] = ["tsrsync", "rsync"];
const FAKE_SHELL = new URL("../support/fake-shell", import.meta.url).pathname;
const owners = isRoot();
let daemon: TestDaemon;

const run = (program: Implementation, ...words: string[]): Promise<ProgramRun> =>
  runProgram(program, words, { cwd: work });

async function succeed(program: Implementation, ...words: string[]): Promise<string> {
  const { stdout, stderr, status } = await run(program, ...words);
  expect(`${stderr}(exit ${status})`).toBe("(exit 0)");
  return stdout;
}

/** A destination as it was before the change. */
function oldTree(name: string): string {
  rmSync(`${work}/${name}`, { recursive: true, force: true });
  runCommand("cp", ["-a", `${work}/old`, `${work}/${name}`]);
  return `${work}/${name}`;
}

const newTree = () => readTree(`${work}/new`, { owners });

/** A daemon without chroot takes the leading slash off the link targets that it stores. */
function withoutAbsoluteLinks(tree: ReturnType<typeof readTree>) {
  for (const item of Object.values(tree)) {
    if (item.type === "link") item.content = item.content.replace(/^\/+/, "");
  }
  return tree;
}

beforeAll(async () => {
  for (const name of ["old", "new"]) buildTree(`${work}/${name}`, { big: false });
  changeTree(`${work}/new`, { big: false });
  const identity = owners ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\nmunge symlinks = no\n${identity}[m]\npath = ${work}\nread only = no\n`;
  daemon = await startDaemon("rsync", `${work}/daemon`, config);
});

afterAll(async () => {
  await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

const TRANSPORTS = ["local", "shell push", "shell pull", "daemon push", "daemon pull"] as const;
type Transport = (typeof TRANSPORTS)[number];

/** The words for a transfer of `new/` to `target`. */
function placesOf(transport: Transport, target: string): string[] {
  const remote = (name: string) =>
    transport.startsWith("shell")
      ? `h:${work}/${name}/`
      : `rsync://127.0.0.1:${daemon.port}/m/${name}/`;
  const shell = ["-e", FAKE_SHELL, `--rsync-path=${remotePathOf("rsync")}`];
  const words = transport.startsWith("shell") ? shell : [];
  if (transport.endsWith("push")) return [...words, "new/", remote(target)];
  if (transport.endsWith("pull")) return [...words, remote("new"), `${target}/`];
  return ["new/", `${target}/`];
}

/** Who says what is to be done, who is at the other end of a remote shell if anybody is, and where files go. */
const SIDES = [
  { client: "tsrsync", server: null, direction: "push" },
  ...(["push", "pull"] as const).flatMap((direction) => [
    { client: "tsrsync", server: "rsync", direction } as const,
    { client: "rsync", server: "tsrsync", direction } as const,
  ]),
] as const;

test.each(SIDES)(
  "only a batch, with long attributes: $client, $server, $direction",
  async ({ client, server, direction }) => {
    const source = `${work}/described`;
    rmSync(source, { recursive: true, force: true });
    mkdirSync(source);
    writeFileSync(`${source}/file`, "content");
    setAttributes(source, "file", { "user.long": "l".repeat(100), "user.short": "s" });
    setAttributes(source, ".", { "user.long": "d".repeat(90) });
    rmSync(`${work}/empty`, { recursive: true, force: true });
    mkdirSync(`${work}/empty`);
    const shell = server === null ? [] : ["-e", FAKE_SHELL, `--rsync-path=${remotePathOf(server)}`];
    const remote = (path: string) => (server === null ? path : `h:${path}`);
    const places =
      direction === "push"
        ? [`${source}/`, remote(`${work}/empty/`)]
        : [remote(`${source}/`), `${work}/empty/`];
    await succeed(client, "-aX", "--only-write-batch=B", ...shell, ...places);
    expect(Object.keys(extended(`${work}/empty`))).toEqual(["."]);
    for (const reader of PROGRAMS) {
      rmSync(`${work}/again`, { recursive: true, force: true });
      await succeed(reader, "-aX", "--read-batch=B", "again/");
      expect(extended(`${work}/again`)).toEqual(extended(source));
    }
  },
);

describe.each(TRANSPORTS)("%s", (transport) => {
  test.each(PROGRAMS)("a batch that %s writes does the same again", async (writer) => {
    oldTree("target");
    await succeed(writer, "-a", "--delete", "--write-batch=B", ...placesOf(transport, "target"));
    const arrived = readTree(`${work}/target`, { owners });
    expect(withoutAbsoluteLinks(arrived)).toEqual(withoutAbsoluteLinks(newTree()));
    const printed = new Set<string>();
    for (const reader of PROGRAMS) {
      const again = oldTree("again");
      const lines = await succeed(reader, "-ai", "--delete", "--read-batch=B", "again/");
      // Deletions come in no certain place between the rest: not even with rsync.
      printed.add(lines.split("\n").sort().join("\n"));
      expect(readTree(again, { owners })).toEqual(newTree());
    }
    expect([...printed].slice(1)).toEqual([]);
  });

  test.each(PROGRAMS)(
    "a batch that %s only writes leaves the destination alone",
    async (writer) => {
      const target = oldTree("target");
      const before = readTree(target, { owners });
      await succeed(writer, "-a", "--only-write-batch=B", ...placesOf(transport, "target"));
      expect(readTree(target, { owners })).toEqual(before);
      for (const reader of PROGRAMS) {
        const again = oldTree("again");
        await succeed(reader, "-a", "--delete", "--read-batch=B", "again/");
        expect(readTree(again, { owners })).toEqual(newTree());
      }
    },
  );
});

test("a batch that links other names later than a list ends does the same again", async () => {
  const file = "seq/in/deep";
  rmSync(`${work}/linked`, { recursive: true, force: true });
  mkdirSync(`${work}/linked/${file}`, { recursive: true });
  writeFileSync(`${work}/linked/seq/first`, "linked later\n".repeat(40));
  linkSync(`${work}/linked/seq/first`, `${work}/linked/seq/second`);
  writeFileSync(`${work}/linked/${file}/payload`, "payload\n".repeat(40));
  // rsync takes times within one second for equal: what this test has just made must not look like what it has just received.
  for (const name of [`${file}/payload`, file, "seq/in", "seq/first", "seq", "."]) {
    utimesSync(`${work}/linked/${name}`, 1_600_000_000, 1_600_000_000);
  }
  const before = () => {
    const target = oldTree("again");
    mkdirSync(`${target}/${file}`, { recursive: true });
    for (const name of ["first", "second"]) writeFileSync(`${target}/seq/${name}`, "as it was");
    return target;
  };
  for (const writer of PROGRAMS) {
    before();
    await succeed(writer, "-aH", "--only-write-batch=B", "linked/", "again/");
    for (const reader of PROGRAMS) {
      const target = before();
      await succeed(reader, "-aH", "--delete", "--read-batch=B", "again/");
      expect(readTree(target, { owners })).toEqual(readTree(`${work}/linked`, { owners }));
      expect(statSync(`${target}/seq/second`).ino).toBe(statSync(`${target}/seq/first`).ino);
    }
  }
});

test.each(["28", "29", "30", "31"])("batches of protocol %s are read by both", async (protocol) => {
  const options = ["-a", `--protocol=${protocol}`, "--delete"];
  for (const writer of PROGRAMS) {
    oldTree("target");
    await succeed(writer, ...options, "--write-batch=B", "new/", "target/");
    for (const reader of PROGRAMS) {
      const again = oldTree("again");
      await succeed(reader, "-a", "--delete", "--read-batch=B", "again/");
      const times = protocol === "31" ? "ns" : "s";
      const links = (tree: ReturnType<typeof readTree>) => {
        for (const item of Object.values(tree)) if (item.type === "link") item.mtime = "";
        return tree;
      };
      expect(links(readTree(again, { owners, times }))).toEqual(
        links(readTree(`${work}/new`, { owners, times })),
      );
    }
  }
});

test("the script applies the batch, to another directory if one is given", async () => {
  oldTree("target");
  await succeed("tsrsync", "-a", "-f", "- size-7*", "--write-batch=it's", "new/", "target/");
  const script = readFileSync(`${work}/it's.sh`, "latin1");
  expect(script.split("\n").slice(1)).toEqual(["- size-7*", "#E#", ""]);
  oldTree("again");
  // The script calls the program by its name, which here is not on the way of commands that can be run.
  const { command, prefix } = commandOf("tsrsync");
  const called = script.replace(/^'[^']*'/, [command, ...prefix].join(" "));
  expect(called).not.toBe(script);
  const { status, stderr } = runCommand("sh", ["-c", called, "sh", "again/"], { cwd: work });
  expect(`${stderr}(exit ${status})`).toBe("(exit 0)");
  expect(readTree(`${work}/again`, { owners })).toEqual(readTree(`${work}/target`, { owners }));
});

test.each([
  ["'plain' -av", ["-av", "--write-batch=B"]],
  ["a separate value", ["-a", "--write-batch", "B"]],
  ["rules", ["-a", "--exclude=*.o", "--include", "it's", "-f", "P keep", "-F", "--write-batch=B"]],
  ["values in quotes", ["-a", "--out-format=%n $(x) 'y'", "--max-size=1m", "--only-write-batch=B"]],
])("the script with %s is that of rsync", async (_, options) => {
  const scripts: string[] = [];
  for (const program of PROGRAMS) {
    oldTree("target");
    await succeed(program, ...options, "new/", "target/");
    scripts.push(readFileSync(`${work}/B.sh`, "latin1").replace(/^'[^']*'/, "'PROGRAM'"));
  }
  expect(scripts[0]).toBe(scripts[1]);
});

test.each([
  ["adopted options", ["-vr", "--read-batch=B", "again/"]],
  ["a dry run", ["-avn", "--read-batch=B", "again/"]],
  ["files that are there already", ["-ai", "--read-batch=B", "target/"]],
  ["no such batch", ["-a", "--read-batch=none", "again/"]],
  ["something else than a batch", ["-a", "--read-batch=/etc/passwd", "again/"]],
  ["half a batch", ["-a", "--read-batch=half", "again/"]],
  ["a place where none can be made", ["-a", "--write-batch=/none/B", "new/", "again/"]],
])("says the same as rsync: %s", async (_, words) => {
  oldTree("target");
  await succeed("rsync", "-a", "--delete", "--write-batch=B", "new/", "target/");
  runCommand("sh", ["-c", "head -c 60 B > half"], { cwd: work });
  const outcomes: string[] = [];
  for (const program of PROGRAMS) {
    oldTree("again");
    const { stdout, stderr, status } = await run(program, ...words);
    const summary = stdout.replace(/ {2}[\d.,]+ bytes\/sec/, "");
    outcomes.push(`${summary}${comparable(stderr).replace(/\[\w+=/g, "[ROLE=")}(exit ${status})`);
  }
  expect(outcomes[0]).toBe(outcomes[1]);
});

test("what a batch does not have is missed, with and without incremental recursion", async () => {
  runCommand("sh", ["-c", "mkdir -p few/d; cp new/zero few/; echo 1 > few/d/1; mkdir few-target"], {
    cwd: work,
  });
  for (const option of ["--inc-recursive", "--no-inc-recursive"]) {
    rmSync(`${work}/few-target`, { recursive: true });
    runCommand("cp", ["-a", `${work}/few`, `${work}/few-target`]);
    rmSync(`${work}/few-target/zero`);
    await succeed("rsync", "-a", option, "--only-write-batch=B", "few/", "few-target/");
    const { stderr, status } = await run("tsrsync", "-a", "--read-batch=B", "empty/");
    expect(stderr).toContain('(No batched update for "d/1")\n');
    expect(status).toBe(23);
    expect(Object.keys(readTree(`${work}/empty`)).sort()).toEqual([".", "d", "zero"]);
    rmSync(`${work}/empty`, { recursive: true });
  }
});

test.each([
  ["rsync", "-z"],
  ["tsrsync", "-z"],
  ["tsrsync", "--compress-choice=zlib"],
] as const)("compressed by %s %s, a batch needs no option to be read", async (writer, option) => {
  const words = ["-a", "--delete", "--no-whole-file", option, "--write-batch=compressed"];
  await succeed(writer, ...words, "new/", `${oldTree("written")}/`);
  for (const reader of PROGRAMS) {
    await succeed(reader, "-a", "--delete", "--read-batch=compressed", `${oldTree("copy")}/`);
    expect(readTree(`${work}/copy`, { owners })).toEqual(newTree());
  }
});

test("what follows a compressed file that is passed over, with blocks of what is not here, is read right", async () => {
  // rsync itself loses its way in the data of such a file.
  const words = ["-a", "--no-whole-file", "-z", "--write-batch=passed"];
  const lines = Array.from({ length: 40_000 }, (_, i) => `${i}\n`);
  for (const place of ["passed-old", "passed-new"]) mkdirSync(`${work}/${place}`);
  for (const name of ["a", "b"]) {
    const changed = lines.map((line, i) => (i % 3000 === 7 ? `${name}${line}` : line));
    writeFileSync(`${work}/passed-old/${name}`, lines.join(""));
    utimesSync(`${work}/passed-old/${name}`, 1, 1);
    writeFileSync(`${work}/passed-new/${name}`, changed.join(""));
  }
  for (const writer of PROGRAMS) {
    for (const place of ["passed-first", "passed-copy"]) {
      rmSync(`${work}/${place}`, { recursive: true, force: true });
      runCommand("cp", ["-a", `${work}/passed-old`, `${work}/${place}`]);
    }
    await succeed(writer, ...words, "passed-new/", "passed-first/");
    runCommand("cp", ["-p", `${work}/passed-new/a`, `${work}/passed-copy/a`]);
    const told = await succeed("tsrsync", "-av", "--read-batch=passed", "passed-copy/");
    expect(told).toContain('(Skipping batched update for "a")');
    expect(readTree(`${work}/passed-copy`, { owners })).toEqual(
      readTree(`${work}/passed-new`, { owners }),
    );
  }
});

test("only a plain file or a pipe is a batch", async () => {
  const { stderr, status } = await run("tsrsync", "-a", "--read-batch=new", "again/");
  expect(stderr).toContain(`Batch file "${work}/new" is not a regular file\n`);
  expect(status).toBe(11);
});

test("a batch comes from standard input", async () => {
  oldTree("target");
  await succeed("rsync", "-a", "--write-batch=B", "new/", "target/");
  const again = oldTree("again");
  const { command, prefix } = commandOf("tsrsync");
  const words = [command, ...prefix, "-a", "--delete", "--read-batch=-", "again/"];
  const { status } = runCommand("sh", ["-c", `${words.join(" ")} < B`], { cwd: work });
  expect(status).toBe(0);
  expect(readTree(again, { owners })).toEqual(newTree());
});

test("a rule that could end the list of rules early is refused", async () => {
  const rule = "--filter=- keep\n#E#\ntouch BROKEN";
  const { status } = await run("tsrsync", "-a", rule, "--write-batch=C", "new/", "again/");
  expect(status).toBe(1);
});

test.runIf(isRoot())("a link of somebody else is not followed on the way to a batch", async () => {
  mkdirSync(`${work}/planted`);
  symlinkSync(`${work}/planted`, `${work}/link`);
  runCommand("chown", ["-h", "65534", `${work}/link`]);
  const { status } = await run("tsrsync", "-a", "--write-batch=link/B", "new/", "again/");
  expect(status).toBe(3);
  chmodSync(`${work}/planted`, 0o755);
  runCommand("chown", ["-h", "0", `${work}/link`]);
  await succeed("tsrsync", "-a", "--write-batch=link/B", "new/", "again/");
});
