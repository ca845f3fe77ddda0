/**
 * The library as an application uses it: push, pull, list and listModules against both daemons, and a server inside this
 * process for both clients.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { createServer, type RsyncServer } from "@tsrsync/server";
import { MemoryTree } from "@tsrsync/transfer";
import { list, listModules, pull, push, type SyncProgress } from "tsrsync";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Implementation, startDaemon, type TestDaemon } from "../support/daemon.js";
import { runProgram } from "../support/program.js";
import { isRoot } from "../support/rsync.js";
import { readTree } from "../support/tree.js";

const work = mkdtempSync(`${tmpdir()}/tsrsync-library-`);
const module = `${work}/module`;
const local = `${work}/local`;
const daemons = new Map<Implementation, TestDaemon>();
const BIG = 20_000_000;

beforeAll(async () => {
  mkdirSync(module);
  writeFileSync(`${work}/secrets`, "joe:p\xc3\xa4ss\n", { encoding: "latin1", mode: 0o600 });
  const identity = isRoot() ? "uid = 0\ngid = 0\n" : "";
  const config = `use chroot = no\nmunge symlinks = no\n${identity}path = ${module}\nread only = no
[m]
comment = everything
[secret]
auth users = joe
secrets file = ${work}/secrets
`;
  for (const daemon of ["tsrsync", "rsync"] as const) {
    daemons.set(daemon, await startDaemon(daemon, `${work}/${daemon}`, config));
  }
});

afterAll(async () => {
  for (const daemon of daemons.values()) await daemon.stop();
  rmSync(work, { recursive: true, force: true });
});

beforeEach(() => {
  for (const directory of [module, local]) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(`${directory}/dir`, { recursive: true });
  }
});

describe.each(["tsrsync", "rsync"] as const)("with the daemon of %s", (daemon) => {
  const url = () => `rsync://127.0.0.1:${daemons.get(daemon)!.port}`;

  test("push and pull bring a tree there and back", async () => {
    writeFileSync(`${local}/dir/file`, "content\n");
    const there = await push(`${local}/`, `${url()}/m/`);
    expect(there).toMatchObject({ exitCode: 0, problems: [] });
    expect(there.statistics.transferredFiles).toBe(1);
    await pull(`${url()}/m/`, `${work}/back-${daemon}/`);
    // rsync leaves times alone that are equal up to the second.
    const seconds = { times: "s" } as const;
    expect(readTree(`${work}/back-${daemon}`, seconds)).toEqual(readTree(local, seconds));
  });

  test("items, deletions and progress are told", async () => {
    writeFileSync(`${module}/big`, Buffer.alloc(BIG, "x"));
    writeFileSync(`${local}/extra`, "");
    const items: string[] = [];
    const deleted: string[] = [];
    const progress: SyncProgress[] = [];
    await pull(`${url()}/m/`, `${local}/`, {
      delete: true,
      onItem: (item) => items.push(`${item.name} ${item.isTransfer} ${item.isNew} ${item.size}`),
      onDelete: (path) => deleted.push(path),
      onProgress: (event) => progress.push(event),
    });
    expect(items).toContain(`big true true ${BIG}`);
    expect(deleted).toEqual(["extra"]);
    expect(progress.at(-1)).toMatchObject({ name: "big", position: BIG, size: BIG });
    const positions = progress.map(({ position }) => position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  test.each(["pull", "push"] as const)(
    "an aborted %s ends with code 20 and leaves nothing behind",
    async (kind) => {
      const [source, target] = kind === "pull" ? [module, local] : [local, module];
      writeFileSync(`${source}/big`, Buffer.alloc(BIG, "new"));
      writeFileSync(`${target}/big`, "the old file");
      const controller = new AbortController();
      const options = { signal: controller.signal, onProgress: () => controller.abort() };
      const running =
        kind === "pull"
          ? pull(`${url()}/m/`, `${local}/`, options)
          : push(`${local}/`, `${url()}/m/`, options);
      await expect(running).rejects.toMatchObject({ name: "RsyncError", exitCode: 20 });
      await expect
        .poll(() => readdirSync(target).sort(), { timeout: 5000 })
        .toEqual(["big", "dir"]);
      expect(readFileSync(`${target}/big`, "latin1")).toBe("the old file");
    },
  );

  test("a signal that was given before ends the run at once", async () => {
    const signal = AbortSignal.abort();
    await expect(list(`${url()}/m/`, { signal })).rejects.toMatchObject({ exitCode: 20 });
  });

  test("a password may be a text or a function, and a wrong one is refused", async () => {
    const secret = `${url().replace("//", "//joe@")}/secret/`;
    expect((await pull(secret, `${local}/`, { password: "p\u00e4ss" })).exitCode).toBe(0);
    let calls = 0;
    const password = () => {
      calls++;
      return Promise.resolve("p\u00e4ss");
    };
    expect((await pull(secret, `${local}/`, { password })).exitCode).toBe(0);
    await pull(`${url()}/m/`, `${local}/`, { password });
    expect(calls).toBe(1);
    await expect(pull(secret, `${local}/`, { password: "wrong" })).rejects.toMatchObject({
      exitCode: 5,
      message: "@ERROR: auth failed on module secret",
    });
    await expect(pull(secret, `${local}/`)).rejects.toMatchObject({ exitCode: 5 });
  });

  test("lists of modules and of files", async () => {
    writeFileSync(`${module}/dir/file`, "12345");
    expect(await listModules(`${url()}/`)).toEqual([
      { name: "m", comment: "everything" },
      { name: "secret", comment: "" },
    ]);
    const names = async (recursive: boolean) =>
      (await list(`${url()}/m/`, { recursive }))
        .map(({ name, size }) => `${name} ${size}`)
        .slice(1);
    expect(await names(false)).toEqual([expect.stringMatching(/^dir \d+$/)]);
    expect(await names(true)).toEqual([expect.stringMatching(/^dir \d+$/), "dir/file 5"]);
  });

  test("what is missing is a problem with rsync's code, not an exception", async () => {
    const result = await pull([`${url()}/m/none`, `${url()}/m/dir`], `${local}/`);
    expect(result.exitCode).toBe(23);
    expect(result.problems).toEqual([
      'rsync: [sender] link_stat "none" (in m) failed: No such file or directory (2)',
    ]);
    await expect(pull(`${url()}/unknown/`, `${local}/`)).rejects.toMatchObject({
      exitCode: 5,
      message: "@ERROR: Unknown module 'unknown'",
    });
  });
});

test("mistakes of the caller are told before anything happens", async () => {
  await expect(pull("a/", "rsync://h/m/")).rejects.toMatchObject({ exitCode: 1 });
  await expect(pull("rsync://127.0.0.1:1/m/", `${local}/`)).rejects.toMatchObject({ exitCode: 10 });
  await expect(pull("rsync://h/m/", local, { args: ["--nonsense"] })).rejects.toMatchObject({
    exitCode: 1,
  });
});

test.runIf(process.platform === "linux")("runs leave no directory open", async () => {
  const url = `rsync://127.0.0.1:${daemons.get("rsync")!.port}/m/`;
  const openDirectories = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return statSync(`/proc/self/fd/${fd}`).isDirectory();
      } catch {
        return false; // it was that of the list
      }
    }).length;
  const before = openDirectories();
  for (let i = 0; i < 3; i++) {
    await push(`${local}/`, url);
    await pull(url, `${local}/`);
  }
  expect(openDirectories()).toBe(before);
});

describe("a server in this process", () => {
  let server: RsyncServer;
  let url = "";
  let tree: MemoryTree;
  const log: string[] = [];

  beforeEach(async () => {
    tree = new MemoryTree();
    log.length = 0;
    server = createServer({
      motd: "welcome",
      log: (text) => log.push(text),
      modules: [
        { name: "memory", tree, readOnly: false },
        { name: "disk", path: module, readOnly: true, comment: "a directory" },
      ],
    });
    url = `rsync://127.0.0.1:${await server.listen(0, "127.0.0.1")}`;
    return () => server.close();
  });

  test.each(["rsync", "tsrsync"] as const)(
    "a tree in memory takes and gives what %s has",
    async (client) => {
      writeFileSync(`${local}/dir/file`, "content\n");
      writeFileSync(`${local}/big`, Buffer.alloc(300_000, "b"));
      const there = await runProgram(client, ["-rt", `${local}/`, `${url}/memory/`]);
      expect(there).toMatchObject({ status: 0, stderr: "" });
      writeFileSync(`${local}/big`, Buffer.alloc(300_001, "b"));
      expect(await runProgram(client, ["-rt", `${local}/`, `${url}/memory/`])).toMatchObject({
        status: 0,
        stderr: "",
      });
      const back = await runProgram(client, [
        "-rt",
        `${url}/memory/`,
        `${work}/memory-of-${client}/`,
      ]);
      expect(back).toMatchObject({ status: 0, stderr: "" });
      const sameTimes = { times: "s", owners: false, directoryTimes: true } as const;
      expect(readTree(`${work}/memory-of-${client}`, sameTimes)).toEqual(
        readTree(local, sameTimes),
      );
    },
  );

  test("our own library talks to it in the same process", async () => {
    writeFileSync(`${local}/dir/file`, "content\n");
    expect((await push(`${local}/`, `${url}/memory/`)).exitCode).toBe(0);
    const names = (await list(`${url}/memory/`, { recursive: true })).map(({ name }) => name);
    expect(names).toEqual([".", "dir", "dir/file"]);
  });

  test("modules, their messages and their limits are seen by rsync", async () => {
    const modules = await runProgram("rsync", [`${url}/`]);
    expect(modules.stdout).toBe("welcome\nmemory         \t\ndisk           \ta directory\n");
    const refused = await runProgram("rsync", ["-r", `${local}/`, `${url}/disk/`]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("ERROR: module is read only\n");
    expect(log.join("\n")).toContain("ERROR: module is read only");
  });

  test("a module needs exactly one of a path and a tree", () => {
    expect(() => createServer({ modules: [{ name: "none" }] })).toThrow(TypeError);
    expect(() => createServer({ modules: [{ name: "both", path: "/", tree }] })).toThrow(TypeError);
  });

  test("after close nobody is taken any more", async () => {
    await server.close();
    await expect(list(`${url}/memory/`)).rejects.toMatchObject({ exitCode: 10 });
  });
});
