/**
 * Wrong input with real programs on both sides: each pair must fail as the real pair does (exit code, first error line, what
 * is left in both trees), and the daemon must serve the next client.
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
import { refuseUnsupported } from "@tsrsync/transfer";
import { pull } from "tsrsync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { firstErrorLine, type ProgramOptions, runProgram } from "../support/program.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-bad-input-`);
chmodSync(work, 0o755);
const local = `${work}/local`;
const passwords = `${work}/passwords`;
const IMPLEMENTATIONS: Implementation[] = ["tsrsync", "rsync"];
const NOBODY = 65534;
const BIG_BYTES = 2_000_000;
const daemons = new Map<Implementation, TestDaemon>();

const moduleOf = (daemon: Implementation) => `${work}/module-${daemon}`;
const fullOf = (daemon: Implementation) => `${work}/full-${daemon}`;

function configOf(daemon: Implementation): string {
  const path = `path = ${moduleOf(daemon)}`;
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
path = ${fullOf(daemon)}
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
  for (const daemon of IMPLEMENTATIONS) {
    for (const directory of [moduleOf(daemon), fullOf(daemon)]) mkdirSync(directory);
    if (isRoot()) {
      const words = ["-t", "tmpfs", "-o", "size=1m", "none", fullOf(daemon)];
      expect(runCommand("mount", words)).toMatchObject({ status: 0 });
    }
    daemons.set(daemon, await startDaemon(daemon, `${work}/${daemon}`, configOf(daemon)));
  }
});

afterAll(async () => {
  for (const [implementation, daemon] of daemons) {
    await daemon.stop();
    if (isRoot()) runCommand("umount", [fullOf(implementation)]);
  }
  rmSync(work, { recursive: true, force: true });
});

/** Where a scenario plays: two small trees, alike on both sides except that `new` is only at the source. */
interface Place {
  url: string;
  /** The module's directory. */
  module: string;
  full: string;
}

interface Scenario extends ProgramOptions {
  name: string;
  /** What the real pair exits with. */
  exit: number;
  /** Begins the first line of trouble. */
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

async function play(scenario: Scenario, client: Implementation, daemon: Implementation) {
  const place: Place = {
    url: `rsync://127.0.0.1:${daemons.get(daemon)!.port}`,
    module: moduleOf(daemon),
    full: fullOf(daemon),
  };
  for (const directory of [local, place.module]) seed(directory);
  for (const name of readdirSync(place.full)) rmSync(`${place.full}/${name}`, { recursive: true });
  scenario.prepare?.(place);
  const run = await runProgram(client, scenario.words(place), scenario);
  return {
    run,
    local: readTree(local, { times: "none" }),
    module: readTree(place.module, { times: "none" }),
    full: readTree(place.full, { times: "none" }),
  };
}

/** A temporary file has a name like `.name.a1B2c3`. */
const temporaries = (names: string[]) => names.filter((name) => /(^|\/)\.[^/]+\.\w{6}$/.test(name));

async function expectToServe(daemon: Implementation): Promise<void> {
  const target = `${work}/afterwards`;
  rmSync(target, { recursive: true, force: true });
  seed(moduleOf(daemon));
  const url = `rsync://127.0.0.1:${daemons.get(daemon)!.port}/m/`;
  expect(await pull(url, `${target}/`)).toMatchObject({ exitCode: 0, problems: [] });
  expect(readFileSync(`${target}/dir/inside`, "latin1")).toBe("inside\n");
}

const references = new Map<string, ReturnType<typeof play>>();

/** What the real pair does, found out once. */
function reference(scenario: Scenario): ReturnType<typeof play> {
  const known = references.get(scenario.name) ?? play(scenario, "rsync", "rsync");
  references.set(scenario.name, known);
  return known;
}

const login: Scenario[] = [
  {
    name: "a wrong password",
    exit: 5,
    says: "@ERROR: auth failed on module secret",
    env: { RSYNC_PASSWORD: "wrong" },
    words: ({ url }) => ["-r", `${url.replace("//", "//alice@")}/secret/`, `${local}/`],
  },
  {
    name: "an unknown user",
    exit: 5,
    says: "@ERROR: auth failed on module secret",
    env: { RSYNC_PASSWORD: "correct" },
    words: ({ url }) => ["-r", `${url.replace("//", "//bob@")}/secret/`, `${local}/`],
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
    words: ({ url }: Place) => [
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
    words: ({ url }: Place) => ["-r", `${url}/${module}/`, `${local}/`],
  },
  {
    name: `a push to the module "${module}"`,
    exit: 5,
    says,
    words: ({ url }: Place) => ["-r", `${local}/`, `${url}/${module}/`],
  },
]);

const directions: Scenario[] = [
  {
    name: "a push to a read-only module",
    exit: 1,
    says: "ERROR: module is read only",
    words: ({ url }) => ["-r", `${local}/dir`, `${url}/ro/new`],
  },
  {
    name: "a push of much data to a read-only module",
    exit: 1,
    says: "ERROR: module is read only",
    prepare: () => {
      for (let i = 0; i < 3000; i++) writeFileSync(`${local}/dir/sub/name-${i}`, "");
    },
    words: ({ url }) => ["-r", "--delete", `${local}/`, `${url}/ro/`],
  },
  {
    name: "a pull from a write-only module",
    exit: 1,
    says: "ERROR: module is write only",
    words: ({ url }) => ["-r", `${url}/wo/`, `${local}/`],
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
    says: `rsync: [sender] link_stat "${local}/none" failed: No such file or directory (2)`,
    words: ({ url }) => ["-r", `${local}/none`, `${url}/m/new`],
  },
  {
    name: "a missing local source among others",
    exit: 23,
    says: `rsync: [sender] link_stat "${local}/none" failed: No such file or directory (2)`,
    words: ({ url }) => ["-r", `${local}/none`, `${local}/dir`, `${local}/file`, `${url}/m/new`],
  },
  {
    name: "a missing parent of a local source",
    exit: 23,
    says: `rsync: [sender] change_dir "${local}/none" failed: No such file or directory (2)`,
    words: ({ url }) => ["-r", `${local}/none/file`, `${url}/m/new`],
  },
  {
    name: "a missing local source and --delete",
    exit: 23,
    says: `rsync: [sender] link_stat "${local}/none" failed: No such file or directory (2)`,
    prepare: ({ module }) => writeFileSync(`${module}/dir/extra`, "kept or not"),
    words: ({ url }) => ["-r", "--delete", `${local}/none`, `${local}/dir`, `${url}/m/`],
  },
  {
    name: "a missing remote source",
    exit: 23,
    says: 'rsync: [sender] link_stat "none" (in m) failed: No such file or directory (2)',
    words: ({ url }) => ["-r", `${url}/m/none`, `${local}/new`],
  },
  {
    name: "a missing remote source with --delete",
    exit: 23,
    says: 'rsync: [sender] change_dir "none" (in m) failed: No such file or directory (2)',
    words: ({ url }) => ["-r", "--delete", `${url}/m/none/`, `${local}/`],
  },
  {
    name: "a missing remote source among others",
    exit: 23,
    says: 'rsync: [sender] link_stat "none" (in m) failed: No such file or directory (2)',
    words: ({ url }) => ["-r", `${url}/m/none`, `${url}/m/dir`, `${local}/new`],
  },
  {
    name: "a missing parent of a remote source",
    exit: 23,
    says: 'rsync: [sender] change_dir "none" (in m) failed: No such file or directory (2)',
    words: ({ url }) => ["-r", `${url}/m/none/file`, `${local}/new`],
  },
  {
    name: "a directory without -r",
    exit: 0,
    says: "",
    words: ({ url }) => [`${url}/m/dir`, `${local}/new`],
  },
];

const destinations: Scenario[] = [
  {
    name: "a push below a missing parent",
    exit: 11,
    says: 'rsync: [Receiver] mkdir "no/such" (in m) failed: No such file or directory (2)',
    words: ({ url }) => ["-r", `${local}/`, `${url}/m/no/such/`],
  },
  {
    name: "a pull below a missing parent",
    exit: 11,
    says: `rsync: [Receiver] mkdir "${local}/no/such" failed: No such file or directory (2)`,
    words: ({ url }) => ["-r", `${url}/m/`, `${local}/no/such/`],
  },
  {
    name: "a push of one file below a missing parent",
    exit: 3,
    says: 'rsync: [Receiver] change_dir#3 "no" (in m) failed: No such file or directory (2)',
    words: ({ url }) => [`${local}/file`, `${url}/m/no/such`],
  },
  {
    name: "a pull of one file below a missing parent",
    exit: 3,
    says: `rsync: [Receiver] change_dir#3 "${local}/no" failed: No such file or directory (2)`,
    words: ({ url }) => [`${url}/m/file`, `${local}/no/such`],
  },
  {
    name: "a push of many files onto a file",
    exit: 3,
    says: "ERROR: destination must be a directory when copying more than 1 file",
    words: ({ url }) => ["-r", `${local}/`, `${url}/m/file`],
  },
  {
    name: "a pull of many files onto a file",
    exit: 3,
    says: "ERROR: destination must be a directory when copying more than 1 file",
    words: ({ url }) => ["-r", `${url}/m/`, `${local}/file`],
  },
  {
    name: "a pull onto a file with a slash behind it",
    exit: 3,
    says: "rsync: [Receiver] ERROR: cannot stat destination",
    words: ({ url }) => ["-r", `${url}/m/`, `${local}/file/`],
  },
  {
    name: "a push onto a file with a slash behind it",
    exit: 3,
    says: "",
    words: ({ url }) => ["-r", `${local}/`, `${url}/m/file/`],
  },
  {
    name: "an empty directory onto a file",
    exit: 3,
    says: "ERROR: cannot overwrite non-directory with a directory",
    words: ({ url }) => ["-d", `${url}/m/dir/sub`, `${local}/file`],
  },
  {
    name: "a pulled file where a directory with contents is",
    exit: 23,
    says: "",
    prepare: () => {
      rmSync(`${local}/file`);
      mkdirSync(`${local}/file/full`, { recursive: true });
    },
    words: ({ url }) => ["-r", `${url}/m/`, `${local}/`],
  },
  {
    name: "a pushed file where a directory with contents is",
    exit: 23,
    says: "",
    prepare: ({ module }) => {
      rmSync(`${module}/file`);
      mkdirSync(`${module}/file/full`, { recursive: true });
    },
    words: ({ url }) => ["-r", `${local}/`, `${url}/m/`],
  },
  {
    name: "a pulled directory where a file is",
    exit: 0,
    says: "",
    prepare: () => {
      rmSync(`${local}/dir`, { recursive: true });
      writeFileSync(`${local}/dir`, "a file");
    },
    words: ({ url }) => ["-r", `${url}/m/`, `${local}/`],
  },
  {
    name: "a deletion limit on a push, of which only the text tells",
    exit: 0,
    says: "Deletions stopped due to --max-delete limit (3 skipped)",
    prepare: ({ module }) => {
      for (const name of ["x1", "x2", "x3", "x4"]) writeFileSync(`${module}/${name}`, "");
    },
    words: ({ url }) => ["-r", "--delete", "--max-delete=1", `${local}/`, `${url}/m/`],
  },
  {
    name: "a deletion limit on a pull",
    exit: 25,
    says: "Deletions stopped due to --max-delete limit (3 skipped)",
    prepare: () => {
      for (const name of ["x1", "x2", "x3", "x4"]) writeFileSync(`${local}/${name}`, "");
    },
    words: ({ url }) => ["-r", "--delete", "--max-delete=1", `${url}/m/`, `${local}/`],
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
  words: ({ url }: Place) => ["-r", String(option), `${url}/m/`, `${local}/`],
}));

const connections: Scenario[] = [
  {
    name: "a port where nobody listens",
    exit: 10,
    says: "rsync: [Receiver] failed to connect to 127.0.0.1 (127.0.0.1): Connection refused (111)",
    words: () => ["-r", "rsync://127.0.0.1:1/m/", `${local}/`],
  },
  {
    name: "a host that has no address",
    exit: 10,
    says: "rsync: getaddrinfo: no-such-host.invalid 873: ",
    words: () => ["-r", "rsync://no-such-host.invalid/m/", `${local}/`],
  },
];

const refused: Scenario[] = [
  {
    name: "a push with a refused option",
    exit: 4,
    says: "rsync: The server is configured to refuse --delete",
    prepare: ({ module }) => writeFileSync(`${module}/extra`, "not to be deleted"),
    words: ({ url }) => ["-r", "--delete", `${local}/`, `${url}/refusing/`],
  },
];

/** What only root can set up: other users and full disks. */
const privileged: Scenario[] = [
  {
    name: "a file that the module's user may not read",
    exit: 23,
    says: 'rsync: [sender] send_files failed to open "file" (in nobody): Permission denied (13)',
    prepare: ({ module }) => chmodSync(`${module}/file`, 0),
    words: ({ url }) => ["-rI", `${url}/nobody/`, `${local}/`],
  },
  {
    name: "a directory that the module's user may not read",
    exit: 23,
    says: 'rsync: [sender] opendir "dir" (in nobody) failed: Permission denied (13)',
    prepare: ({ module }) => chmodSync(`${module}/dir`, 0),
    words: ({ url }) => ["-r", "--delete", `${url}/nobody/`, `${local}/`],
  },
  {
    name: "a directory that the module's user may not write to",
    exit: 23,
    says: 'rsync: [receiver] mkstemp "dir/.inside.XXXXXX" (in nobody) failed: Permission denied (13)',
    prepare: ({ module }) => chmodSync(`${module}/dir`, 0o755),
    words: ({ url }) => ["-rI", `${local}/`, `${url}/nobody/`],
  },
  {
    name: "a file of ours that we may not read",
    exit: 23,
    uid: NOBODY,
    says: `rsync: [sender] send_files failed to open "${local}/file": Permission denied (13)`,
    prepare: () => chmodSync(`${local}/file`, 0),
    words: ({ url }) => ["-rI", `${local}/`, `${url}/m/`],
  },
  {
    name: "a directory of ours that we may not read",
    exit: 23,
    uid: NOBODY,
    says: `rsync: [sender] opendir "${local}/dir" failed: Permission denied (13)`,
    prepare: () => chmodSync(`${local}/dir`, 0),
    words: ({ url }) => ["-r", "--delete", `${local}/`, `${url}/m/`],
  },
  {
    name: "a directory of ours that we may not write to",
    exit: 23,
    uid: NOBODY,
    says: `rsync: [receiver] mkstemp "${local}/dir/.inside.XXXXXX" failed: Permission denied (13)`,
    prepare: () => chmodSync(`${local}/dir`, 0o755),
    words: ({ url }) => ["-rI", `${url}/m/`, `${local}/`],
  },
  {
    name: "a full disk at the daemon",
    exit: 11,
    says: 'rsync: [receiver] write failed on "big" (in full): No space left on device (28)',
    prepare: ({ full }) => {
      writeFileSync(`${local}/big`, Buffer.alloc(BIG_BYTES, "b"));
      writeFileSync(`${full}/big`, "the old file");
    },
    words: ({ url }) => ["-r", `${local}/`, `${url}/full/`],
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

/** Comes up when a directory of another daemon stands in the text. */
const withoutPlaces = (line: string) =>
  line
    .replaceAll(moduleOf("rsync"), "MODULE")
    .replaceAll(fullOf("rsync"), "FULL")
    .replaceAll(moduleOf("tsrsync"), "MODULE")
    .replaceAll(fullOf("tsrsync"), "FULL");

const PAIRS = IMPLEMENTATIONS.flatMap((client) =>
  IMPLEMENTATIONS.map((daemon) => ({ client, daemon })),
).filter(({ client, daemon }) => client !== "rsync" || daemon !== "rsync");

describe.each(PAIRS)("$client client, $daemon daemon", ({ client, daemon }) => {
  // What only one side has a say in is seen well enough against the real other side.
  const oneSided = [...login, ...modules, ...commandLines, ...connections];
  test.each([
    ...(client === daemon ? [] : oneSided),
    ...directions,
    ...sources,
    ...destinations,
    ...refused,
    ...(isRoot() ? privileged : []),
  ])("$name", async (scenario) => {
    const expected = await reference(scenario);
    const outcome = await play(scenario, client, daemon);
    const first = withoutPlaces(firstErrorLine(outcome.run));
    expect(`${outcome.run.status}: ${first}`).toBe(
      `${scenario.exit}: ${withoutPlaces(firstErrorLine(expected.run))}`,
    );
    expect(first.startsWith(withoutPlaces(scenario.says))).toBe(true);
    expect({ ...outcome, run: null }).toEqual({ ...expected, run: null });
    const names = Object.keys({ ...outcome.local, ...outcome.module, ...outcome.full });
    expect(temporaries(names)).toEqual([]);
    if (daemon === "tsrsync") await expectToServe(daemon);
  });
});

/** Options that may not be carried out yet; those that are by now have tests of their own. */
const unsupported = (
  [
    ["--compress", "compress"],
    ["--hard-links", "hard-links"],
    ["--acls", "acls"],
    ["--xattrs", "xattrs"],
    ["--backup", "backup"],
    ["--inplace", "inplace"],
    ["--append", "append"],
    ["--sparse", "sparse"],
    ["--fuzzy", "fuzzy"],
    ["--delay-updates", "delay-updates"],
    ["--relative", "relative"],
    ["--copy-links", "copy-links"],
    ["--link-dest=other", "link-dest"],
  ] as const
).filter(([, name]) => {
  try {
    refuseUnsupported([name]);
    return false;
  } catch {
    return true;
  }
});

test("an option that is not carried out is refused with code 4, by client and daemon", async () => {
  seed(local);
  seed(moduleOf("tsrsync"));
  const before = readTree(moduleOf("tsrsync"));
  const url = `rsync://127.0.0.1:${daemons.get("tsrsync")!.port}/m/`;
  for (const [option, name] of unsupported) {
    for (const client of IMPLEMENTATIONS) {
      for (const words of [
        [`${local}/`, url],
        [url, `${local}/`],
      ]) {
        const run = await runProgram(client, ["-rI", option, ...words]);
        // What a real client can do alone, it does not ask a daemon for.
        if (client === "rsync" && run.status === 0) continue;
        expect(`${run.status}: ${firstErrorLine(run)}`).toMatch(
          name === "compress" && client === "rsync"
            ? /^4: / // the client takes our words for its negotiation of algorithms
            : new RegExp(`^4: rsync: This tsrsync does not support --${name}( \\(-\\w\\))? yet$`),
        );
      }
    }
  }
  await expectToServe("tsrsync");
  expect(Object.keys(readTree(moduleOf("tsrsync")))).toEqual(Object.keys(before));
});
