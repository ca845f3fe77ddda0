/**
 * `insecure links` of a module: by default no link leads out of it, and who runs the daemon may allow it (spec 5-daemon, 5.8).
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-insecure-links-`);
const module = `${work}/module`;
const outside = `${work}/outside`;
const local = `${work}/local`;
const config = ["open", "closed"]
  .map(
    (name) => `[${name}]
path = ${module}
use chroot = no
munge symlinks = no
read only = no
insecure links = ${name === "open" ? "yes" : "no"}
${isRoot() ? "uid = 0\ngid = 0" : ""}
`,
  )
  .join("");

const TARGETS = {
  "leads out": ["../outside", outside],
  "leads out and back": ["../module/inside", `${module}/inside`],
  "is absolute": [outside, outside],
} as const;

/** Each sends or fetches by way of the link, and tells whether that worked. */
const WAYS: Record<
  string,
  (url: string, client: Implementation, target: string) => Promise<boolean>
> = {
  "a pull with -k": async (url, client) => {
    await runProgram(client, ["-rk", `${url}/`, `${local}/`]);
    return existsSync(`${local}/link/file`);
  },
  "a pull of what is in it": async (url, client) => {
    await runProgram(client, ["-r", `${url}/link/`, `${local}/`]);
    return existsSync(`${local}/file`);
  },
  "a push with -K": async (url, client, target) => {
    mkdirSync(`${local}/link`, { recursive: true });
    writeFileSync(`${local}/link/new`, "new");
    await runProgram(client, ["-rK", `${local}/`, `${url}/`]);
    return existsSync(`${target}/new`);
  },
  "a push into it": async (url, client, target) => {
    mkdirSync(local);
    writeFileSync(`${local}/new`, "new");
    await runProgram(client, ["-r", `${local}/`, `${url}/link/`]);
    return existsSync(`${target}/new`);
  },
  "a push that compares with it": async (url, client) => {
    mkdirSync(local);
    writeFileSync(`${local}/file`, "content\n");
    await runProgram(client, ["-rc", "--compare-dest=/link", `${local}/`, `${url}/fresh/`]);
    return !existsSync(`${module}/fresh/file`);
  },
};

const IMPLEMENTATIONS: Implementation[] = ["rsync", "tsrsync"];
const daemons = new Map<Implementation, TestDaemon>();

beforeAll(async () => {
  for (const name of IMPLEMENTATIONS) {
    daemons.set(name, await startDaemon(name, `${work}/${name}`, config));
  }
});

beforeEach(() => {
  for (const path of [module, outside, local]) rmSync(path, { recursive: true, force: true });
  for (const path of [`${module}/inside`, outside]) {
    mkdirSync(path, { recursive: true });
    writeFileSync(`${path}/file`, "content\n");
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

describe.each(IMPLEMENTATIONS)("%s daemon", (implementation) => {
  const urlOf = (name: string) => `rsync://127.0.0.1:${daemons.get(implementation)!.port}/${name}`;

  describe.each(Object.entries(TARGETS))("a link that %s", (_, [value, target]) => {
    test.each(Object.entries(WAYS))("%s", async (_way, follows) => {
      symlinkSync(value, `${module}/link`);
      expect(await follows(urlOf("open"), "rsync", target)).toBe(true);
    });
  });

  test.each(Object.entries(WAYS))("no link leads out of another module: %s", async (_, follows) => {
    symlinkSync("../outside", `${module}/link`);
    expect(await follows(urlOf("closed"), "rsync", outside)).toBe(false);
    expect(readFileSync(`${outside}/file`, "latin1")).toBe("content\n");
  });

  test("a directory replaces a link without -K, wherever that leads", async () => {
    symlinkSync("../outside", `${module}/link`);
    mkdirSync(`${local}/link`, { recursive: true });
    writeFileSync(`${local}/link/new`, "new");
    await runProgram("tsrsync", ["-r", `${local}/`, `${urlOf("open")}/`]);
    expect(existsSync(`${outside}/new`)).toBe(false);
    expect(existsSync(`${module}/link/new`)).toBe(true);
  });
});
