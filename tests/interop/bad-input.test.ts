/**
 * Wrong input with real programs on both sides: each pair must fail as the real pair does (exit code, what is printed, line by
 * line, what is left in both trees), and the daemon must serve the next client. All pairs play a scenario at the same time, each
 * in a lane of its own: trees and a daemon.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { pull } from "tsrsync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { comparable, firstErrorLine, type ProgramOptions, runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-bad-input-`);
chmodSync(work, 0o755);
const passwords = `${work}/passwords`;
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];
const NOBODY = 65534;
const BIG_BYTES = 2_000_000;

/** Where a pair of programs plays. */
interface Lane {
  client: Implementation;
  daemon: Implementation;
  /** The client's tree, the module's directory, and a disk that is nearly full. */
  local: string;
  module: string;
  full: string;
  afterwards: string;
  server: TestDaemon | null;
}

const LANES: Lane[] = IMPLEMENTATIONS.flatMap((client) =>
  IMPLEMENTATIONS.map((daemon) => {
    const directory = `${work}/${client}-${daemon}`;
    return {
      client,
      daemon,
      local: `${directory}/local`,
      module: `${directory}/module`,
      full: `${directory}/full`,
      afterwards: `${directory}/afterwards`,
      server: null,
    };
  }),
);

const urlOf = ({ server }: Lane) => `rsync://127.0.0.1:${server!.port}`;

function configOf({ module, full }: Lane): string {
  const path = `path = ${module}`;
  return `use chroot = no
munge symlinks = no
${isRoot() ? "uid = 0\ngid = 0" : ""}
[m]
${path}
read only = no
[ro]
${path}
[wo]
${path}
read only = no
write only = yes
[secret]
${path}
auth users = alice
secrets file = ${passwords}/secrets
[denied]
${path}
hosts deny = 127.0.0.1
[hidden]
${path}
list = no
hosts deny = *
[refusing]
${path}
read only = no
refuse options = delete
[nobody]
${path}
read only = no
uid = nobody
gid = nogroup
[nopath]
[gone]
path = ${work}/no-such-directory
[baduser]
${path}
uid = no-such-user
[full]
path = ${full}
read only = no
`;
}

function writePrivate(name: string, text: string, mode: number): void {
  writeFileSync(`${passwords}/${name}`, text);
  chmodSync(`${passwords}/${name}`, mode);
}

beforeAll(async () => {
  mkdirSync(passwords);
  writePrivate("secrets", "alice:correct\n", 0o600);
  writePrivate("right", "correct\n", 0o600);
  writePrivate("readable", "correct\n", 0o644);
  writePrivate("empty", "\n", 0o600);
  for (const lane of LANES) {
    for (const directory of [lane.module, lane.full]) mkdirSync(directory, { recursive: true });
    if (isRoot()) {
      const words = ["-t", "tmpfs", "-o", "size=1m", "none", lane.full];
      expect(runCommand("mount", words)).toMatchObject({ status: 0 });
    }
    const directory = `${work}/daemon-${lane.client}-${lane.daemon}`;
    lane.server = await startDaemon(lane.daemon, directory, configOf(lane));
  }
});

afterAll(async () => {
  for (const { server, full } of LANES) {
    await server?.stop();
    if (isRoot()) runCommand("umount", [full]);
  }
  rmSync(work, { recursive: true, force: true });
});

/** Where a scenario plays: two small trees, alike on both sides except that `new` is only at the source. */
interface Place {
  url: string;
  local: string;
  module: string;
  full: string;
}

interface Scenario extends ProgramOptions {
  name: string;
  /** What the real pair exits with. */
  exit: number;
  /** Begins the first line of trouble; `LOCAL` stands for the client's tree. */
  says: string;
  words(place: Place): string[];
  prepare?(place: Place): void;
}

function seed(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/dir/sub`, { recursive: true });
  chmodSync(directory, 0o777);
  writeFileSync(`${directory}/file`, "content\n");
  writeFileSync(`${directory}/other`, "other\n");
  writeFileSync(`${directory}/dir/inside`, "inside\n");
}

async function play(scenario: Scenario, lane: Lane) {
  const place: Place = { url: urlOf(lane), ...lane };
  for (const directory of [lane.local, lane.module]) seed(directory);
  for (const name of readdirSync(lane.full)) rmSync(`${lane.full}/${name}`, { recursive: true });
  scenario.prepare?.(place);
  const run = await runProgram(lane.client, scenario.words(place), scenario);
  return {
    run,
    local: readTree(lane.local, { times: "none" }),
    module: readTree(lane.module, { times: "none" }),
    full: readTree(lane.full, { times: "none" }),
  };
}

/** A temporary file has a name like `.name.a1B2c3`. */
const temporaries = (names: string[]) => names.filter((name) => /(^|\/)\.[^/]+\.\w{6}$/.test(name));

async function expectToServe(lane: Lane): Promise<void> {
  rmSync(lane.afterwards, { recursive: true, force: true });
  seed(lane.module);
  const answer = await pull(`${urlOf(lane)}/m/`, `${lane.afterwards}/`);
  expect(answer).toMatchObject({ exitCode: 0, problems: [] });
  expect(readFileSync(`${lane.afterwards}/dir/inside`, "latin1")).toBe("inside\n");
}

const login: Scenario[] = [
  {
    name: "a wrong password",
    exit: 5,
    says: "@ERROR: auth failed on module secret",
    env: { RSYNC_PASSWORD: "wrong" },
    words: ({ local, url }) => ["-r", `${url.replace("//", "//alice@")}/secret/`, `${local}/`],
  },
  {
    name: "an unknown user",
    exit: 5,
    says: "@ERROR: auth failed on module secret",
    env: { RSYNC_PASSWORD: "correct" },
    words: ({ local, url }) => ["-r", `${url.replace("//", "//bob@")}/secret/`, `${local}/`],
  },
  ...(
    [
      ["missing", "rsync: [Receiver] could not open password file"],
      ["readable", "ERROR: password file must not be other-accessible"],
      ["empty", "ERROR: failed to read a password from"],
    ] as const
  ).map(([name, says]) => ({
    name: `a password file that is ${name}`,
    exit: 1,
    says,
    words: ({ local, url }: Place) => [
      "-r",
      `--password-file=${passwords}/${name}`,
      `${url.replace("//", "//alice@")}/secret/`,
      `${local}/`,
    ],
  })),
];

const modules: Scenario[] = (
  [
    ["unknown", "@ERROR: Unknown module 'unknown'"],
    ["hidden", "@ERROR: Unknown module 'hidden'"],
    ["denied", "@ERROR: access denied to denied from "],
    ["nopath", "@ERROR: no path setting."],
    ["gone", "@ERROR: chdir failed"],
    ...(isRoot() ? ([["baduser", "@ERROR: invalid uid no-such-user"]] as const) : []),
  ] as const
).flatMap(([module, says]) => [
  {
    name: `a pull from the module "${module}"`,
    exit: 5,
    says,
    words: ({ local, url }: Place) => ["-r", `${url}/${module}/`, `${local}/`],
  },
  {
    name: `a push to the module "${module}"`,
    exit: 5,
    says,
    words: ({ local, url }: Place) => ["-r", `${local}/`, `${url}/${module}/`],
  },
]);

const directions: Scenario[] = [
  {
    name: "a push to a read-only module",
    exit: 1,
    says: "ERROR: module is read only",
    words: ({ local, url }) => ["-r", `${local}/dir`, `${url}/ro/new`],
  },
  {
    name: "a push of much data to a read-only module",
    exit: 1,
    says: "ERROR: module is read only",
    prepare: ({ local }) => {
      for (let i = 0; i < 3000; i++) writeFileSync(`${local}/dir/sub/name-${i}`, "");
    },
    words: ({ local, url }) => ["-r", "--delete", `${local}/`, `${url}/ro/`],
  },
  {
    name: "a pull from a write-only module",
    exit: 1,
    says: "ERROR: module is write only",
    words: ({ local, url }) => ["-r", `${url}/wo/`, `${local}/`],
  },
  {
    name: "a listing of a write-only module",
    exit: 1,
    says: "ERROR: module is write only",
    words: ({ url }) => [`${url}/wo/`],
  },
];

const sources: Scenario[] = [
  {
    name: "a missing local source",
    exit: 23,
    says: 'rsync: [sender] link_stat "LOCAL/none" failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${local}/none`, `${url}/m/new`],
  },
  {
    name: "a missing local source among others",
    exit: 23,
    says: 'rsync: [sender] link_stat "LOCAL/none" failed: No such file or directory (2)',
    words: ({ local, url }) => [
      "-r",
      `${local}/none`,
      `${local}/dir`,
      `${local}/file`,
      `${url}/m/new`,
    ],
  },
  {
    name: "a missing parent of a local source",
    exit: 23,
    says: 'rsync: [sender] change_dir "LOCAL/none" failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${local}/none/file`, `${url}/m/new`],
  },
  {
    name: "a missing local source and --delete",
    exit: 23,
    says: 'rsync: [sender] link_stat "LOCAL/none" failed: No such file or directory (2)',
    prepare: ({ module }) => writeFileSync(`${module}/dir/extra`, "kept or not"),
    words: ({ local, url }) => ["-r", "--delete", `${local}/none`, `${local}/dir`, `${url}/m/`],
  },
  {
    name: "a missing remote source",
    exit: 23,
    says: 'rsync: [sender] link_stat "none" (in m) failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${url}/m/none`, `${local}/new`],
  },
  {
    name: "a missing remote source with --delete",
    exit: 23,
    says: 'rsync: [sender] change_dir "none" (in m) failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", "--delete", `${url}/m/none/`, `${local}/`],
  },
  {
    name: "a missing remote source among others",
    exit: 23,
    says: 'rsync: [sender] link_stat "none" (in m) failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${url}/m/none`, `${url}/m/dir`, `${local}/new`],
  },
  {
    name: "a missing parent of a remote source",
    exit: 23,
    says: 'rsync: [sender] change_dir "none" (in m) failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${url}/m/none/file`, `${local}/new`],
  },
  {
    name: "a directory without -r",
    exit: 0,
    says: "",
    words: ({ local, url }) => [`${url}/m/dir`, `${local}/new`],
  },
];

const destinations: Scenario[] = [
  {
    name: "a push below a missing parent",
    exit: 11,
    says: 'rsync: [Receiver] mkdir "no/such" (in m) failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${local}/`, `${url}/m/no/such/`],
  },
  {
    name: "a pull below a missing parent",
    exit: 11,
    says: 'rsync: [Receiver] mkdir "LOCAL/no/such" failed: No such file or directory (2)',
    words: ({ local, url }) => ["-r", `${url}/m/`, `${local}/no/such/`],
  },
  {
    name: "a push of one file below a missing parent",
    exit: 3,
    says: 'rsync: [Receiver] change_dir#3 "no" (in m) failed: No such file or directory (2)',
    words: ({ local, url }) => [`${local}/file`, `${url}/m/no/such`],
  },
  {
    name: "a pull of one file below a missing parent",
    exit: 3,
    says: 'rsync: [Receiver] change_dir#3 "LOCAL/no" failed: No such file or directory (2)',
    words: ({ local, url }) => [`${url}/m/file`, `${local}/no/such`],
  },
  {
    name: "a push of many files onto a file",
    exit: 3,
    says: "ERROR: destination must be a directory when copying more than 1 file",
    words: ({ local, url }) => ["-r", `${local}/`, `${url}/m/file`],
  },
  {
    name: "a pull of many files onto a file",
    exit: 3,
    says: "ERROR: destination must be a directory when copying more than 1 file",
    words: ({ local, url }) => ["-r", `${url}/m/`, `${local}/file`],
  },
  {
    name: "a pull onto a file with a slash behind it",
    exit: 3,
    says: "rsync: [Receiver] ERROR: cannot stat destination",
    words: ({ local, url }) => ["-r", `${url}/m/`, `${local}/file/`],
  },
  {
    name: "a push onto a file with a slash behind it",
    exit: 3,
    says: "",
    words: ({ local, url }) => ["-r", `${local}/`, `${url}/m/file/`],
  },
  {
    name: "an empty directory onto a file",
    exit: 3,
    says: "ERROR: cannot overwrite non-directory with a directory",
    words: ({ local, url }) => ["-d", `${url}/m/dir/sub`, `${local}/file`],
  },
  {
    name: "a pulled file where a directory with contents is",
    exit: 23,
    says: "",
    prepare: ({ local }) => {
      rmSync(`${local}/file`);
      mkdirSync(`${local}/file/full`, { recursive: true });
    },
    words: ({ local, url }) => ["-r", `${url}/m/`, `${local}/`],
  },
  {
    name: "a pushed file where a directory with contents is",
    exit: 23,
    says: "",
    prepare: ({ module }) => {
      rmSync(`${module}/file`);
      mkdirSync(`${module}/file/full`, { recursive: true });
    },
    words: ({ local, url }) => ["-r", `${local}/`, `${url}/m/`],
  },
  {
    name: "a pulled directory where a file is",
    exit: 0,
    says: "",
    prepare: ({ local }) => {
      rmSync(`${local}/dir`, { recursive: true });
      writeFileSync(`${local}/dir`, "a file");
    },
    words: ({ local, url }) => ["-r", `${url}/m/`, `${local}/`],
  },
  {
    name: "a deletion limit on a push, of which only the text tells",
    exit: 0,
    says: "Deletions stopped due to --max-delete limit (3 skipped)",
    prepare: ({ module }) => {
      for (const name of ["x1", "x2", "x3", "x4"]) writeFileSync(`${module}/${name}`, "");
    },
    words: ({ local, url }) => ["-r", "--delete", "--max-delete=1", `${local}/`, `${url}/m/`],
  },
  {
    name: "a deletion limit on a pull",
    exit: 25,
    says: "Deletions stopped due to --max-delete limit (3 skipped)",
    prepare: ({ local }) => {
      for (const name of ["x1", "x2", "x3", "x4"]) writeFileSync(`${local}/${name}`, "");
    },
    words: ({ local, url }) => ["-r", "--delete", "--max-delete=1", `${url}/m/`, `${local}/`],
  },
];

const commandLines: Scenario[] = [
  ["--nonsense", 1],
  ["--timeout=soon", 1],
  ["--max-size=huge", 1],
  ["--block-size=1g", 1],
  ["--checksum-choice=crc", 4],
  ["--port=x", 1],
].map(([option, exit]) => ({
  name: `the option ${option}`,
  exit: exit as number,
  says: "",
  words: ({ local, url }: Place) => ["-r", String(option), `${url}/m/`, `${local}/`],
}));

const connections: Scenario[] = [
  {
    name: "a port where nobody listens",
    exit: 10,
    says: "rsync: [Receiver] failed to connect to 127.0.0.1 (127.0.0.1): Connection refused (111)",
    words: ({ local }) => ["-r", "rsync://127.0.0.1:1/m/", `${local}/`],
  },
  {
    name: "a host that has no address",
    exit: 10,
    says: "rsync: getaddrinfo: no-such-host.invalid 873: ",
    words: ({ local }) => ["-r", "rsync://no-such-host.invalid/m/", `${local}/`],
  },
];

const refused: Scenario[] = [
  {
    name: "a push with a refused option",
    exit: 4,
    says: "rsync: The server is configured to refuse --delete",
    prepare: ({ module }) => writeFileSync(`${module}/extra`, "not to be deleted"),
    words: ({ local, url }) => ["-r", "--delete", `${local}/`, `${url}/refusing/`],
  },
];

/** What only root can set up: other users and full disks. */
const privileged: Scenario[] = [
  {
    name: "a file that the module's user may not read",
    exit: 23,
    says: 'rsync: [sender] send_files failed to open "file" (in nobody): Permission denied (13)',
    prepare: ({ module }) => chmodSync(`${module}/file`, 0),
    words: ({ local, url }) => ["-rI", `${url}/nobody/`, `${local}/`],
  },
  {
    name: "a directory that the module's user may not read",
    exit: 23,
    says: 'rsync: [sender] opendir "dir" (in nobody) failed: Permission denied (13)',
    prepare: ({ module }) => chmodSync(`${module}/dir`, 0),
    words: ({ local, url }) => ["-r", "--delete", `${url}/nobody/`, `${local}/`],
  },
  {
    name: "a directory that the module's user may not write to",
    exit: 23,
    says: 'rsync: [receiver] mkstemp "dir/.inside.XXXXXX" (in nobody) failed: Permission denied (13)',
    prepare: ({ module }) => chmodSync(`${module}/dir`, 0o755),
    words: ({ local, url }) => ["-rI", `${local}/`, `${url}/nobody/`],
  },
  {
    name: "a file of ours that we may not read",
    exit: 23,
    uid: NOBODY,
    says: 'rsync: [sender] send_files failed to open "LOCAL/file": Permission denied (13)',
    prepare: ({ local }) => chmodSync(`${local}/file`, 0),
    words: ({ local, url }) => ["-rI", `${local}/`, `${url}/m/`],
  },
  {
    name: "a directory of ours that we may not read",
    exit: 23,
    uid: NOBODY,
    says: 'rsync: [sender] opendir "LOCAL/dir" failed: Permission denied (13)',
    prepare: ({ local }) => chmodSync(`${local}/dir`, 0),
    words: ({ local, url }) => ["-r", "--delete", `${local}/`, `${url}/m/`],
  },
  {
    name: "a directory of ours that we may not write to",
    exit: 23,
    uid: NOBODY,
    says: 'rsync: [receiver] mkstemp "LOCAL/dir/.inside.XXXXXX" failed: Permission denied (13)',
    prepare: ({ local }) => chmodSync(`${local}/dir`, 0o755),
    words: ({ local, url }) => ["-rI", `${url}/m/`, `${local}/`],
  },
  {
    name: "a full disk at the daemon",
    exit: 11,
    says: 'rsync: [receiver] write failed on "big" (in full): No space left on device (28)',
    prepare: ({ local, full }) => {
      writeFileSync(`${local}/big`, Buffer.alloc(BIG_BYTES, "b"));
      writeFileSync(`${full}/big`, "the old file");
    },
    words: ({ local, url }) => ["-r", `${local}/`, `${url}/full/`],
  },
  {
    name: "a full disk of ours",
    exit: 11,
    says: 'rsync: [receiver] write failed on "',
    prepare: ({ full, module }) => {
      writeFileSync(`${module}/big`, Buffer.alloc(BIG_BYTES, "b"));
      writeFileSync(`${full}/big`, "the old file");
    },
    words: ({ url, full }) => ["-r", `${url}/m/`, `${full}/`],
  },
];

/** Without what differs between lanes. */
const withoutPlaces = (text: string, lane: Lane) =>
  text
    .replaceAll(lane.local, "LOCAL")
    .replaceAll(lane.module, "MODULE")
    .replaceAll(lane.full, "FULL")
    .replaceAll(String(lane.server!.port), "PORT");

/**
 * The printed lines in their order. Which process of the reference tells of the end, and whether one more of them does, or finds
 * the line closed, is a matter of luck.
 */
function linesOf(text: string, lane: Lane): string[] {
  const lines = withoutPlaces(comparable(text), lane)
    .replace(/\[\w+=VERSION\]/g, "[ROLE=VERSION]")
    .split("\n")
    .filter((line) => !/(read|write) error: (Connection reset|Broken pipe)/.test(line));
  return lines.filter((line, i) => line !== lines[i - 1] || !line.startsWith("rsync error: "));
}

const REFERENCE = LANES.find(({ client, daemon }) => client === "rsync" && daemon === "rsync")!;
const PLAYED = LANES.filter((lane) => lane !== REFERENCE);

// What one side has to say is seen well enough against the real other side.
const twoSided = [...directions, ...refused];
test.each([
  ...twoSided,
  ...login,
  ...modules,
  ...commandLines,
  ...connections,
  ...sources,
  ...destinations,
  ...(isRoot() ? privileged : []),
])("$name", async (scenario) => {
  const lanes = PLAYED.filter(
    ({ client, daemon }) => client !== daemon || twoSided.includes(scenario),
  );
  const expected = await play(scenario, REFERENCE);
  const outcomes = await Promise.all(lanes.map((lane) => play(scenario, lane)));
  const reference = {
    first: withoutPlaces(firstErrorLine(expected.run), REFERENCE),
    errors: linesOf(expected.run.stderr, REFERENCE),
    output: linesOf(expected.run.stdout, REFERENCE),
  };
  for (const [i, lane] of lanes.entries()) {
    const pair = `${lane.client} client, ${lane.daemon} daemon`;
    const { run, ...trees } = outcomes[i]!;
    const first = withoutPlaces(firstErrorLine(run), lane);
    expect(`${run.status}: ${first}`, pair).toBe(`${scenario.exit}: ${reference.first}`);
    expect(first.startsWith(scenario.says), pair).toBe(true);
    expect(linesOf(run.stderr, lane), pair).toEqual(reference.errors);
    expect(linesOf(run.stdout, lane), pair).toEqual(reference.output);
    expect({ ...trees }, pair).toEqual({
      local: expected.local,
      module: expected.module,
      full: expected.full,
    });
    const names = Object.keys({ ...trees.local, ...trees.module, ...trees.full });
    expect(temporaries(names), pair).toEqual([]);
  }
  await Promise.all(lanes.filter(({ daemon }) => daemon === "tsrsync").map(expectToServe));
});
