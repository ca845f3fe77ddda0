/**
 * A mirror's target that does not take all that it is given: what is told of it, and what is done all the same.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { createServer } from "@tsrsync/server";
import { MemoryTree, treeError } from "@tsrsync/transfer";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { TargetClient } from "../../packages/watcher/src/target/target-client.js";
import { freePort } from "../support/daemon.js";
import { findGenerations } from "../support/generations.js";
import { type Listening, listenWith } from "../support/hostile.js";
import { ALL, failureOf, PushWorld, plan } from "../support/push-world.js";
import { isRoot, runCommand } from "../support/rsync.js";
import { noise, readTree } from "../support/tree.js";

const CURRENT = ["rsync", "tsrsync"] as const;
const hasOld = findGenerations().some(({ name }) => name === "rsync-3.1.3");
const OLD = hasOld ? (["rsync-3.1.3"] as const) : [];
const NOBODY = 65534;

const world = new PushWorld();
const { source, target } = world;

beforeAll(async () => {
  await world.start(
    [...CURRENT, ...OLD],
    `[read-only]
path = %T
[no-delete]
path = %T
read only = no
refuse options = delete
[no-links]
path = %T
read only = no
refuse options = hard-links
[secret]
path = %T
read only = no
auth users = bob
secrets file = ${world.work}/secrets
[one]
path = %T
read only = no
max connections = 1
lock file = ${world.work}/lock
[closed]
path = %T
read only = no
hosts deny = *
[nobody]
path = %T
read only = no
uid = ${NOBODY}
gid = ${NOBODY}
`,
  );
  writeFileSync(`${world.work}/secrets`, "bob:right\n", { mode: 0o600 });
});
afterAll(() => world.stop());
beforeEach(() => world.clean());

describe.each(CURRENT)("a daemon of %s", (implementation) => {
  it("that refuses us says so", async () => {
    world.write({ f: "1" });
    for (const module of ["nothing", "read-only", "closed"]) {
      const client = world.client(implementation, module);
      expect(await failureOf(client.probe())).toMatchObject({ failureClass: "refused" });
      const push = client.push(plan({ items: ["f"] }), ALL);
      expect(await failureOf(push)).toMatchObject({ failureClass: "refused" });
    }
    expect(existsSync(`${target}/f`)).toBe(false);
  });

  it("asks for the password at each login", async () => {
    rmSync(`${world.work}/pass`, { force: true });
    writeFileSync(`${world.work}/pass`, "\nwrong\n", { mode: 0o600 });
    const url = world.url(implementation, "secret", "bob@");
    const password = { kind: "file", path: `${world.work}/pass` } as const;
    const client = world.client(url, "", { auth: { password, identity: null } });
    expect(await failureOf(client.probe())).toMatchObject({ failureClass: "refused", exitCode: 5 });
    writeFileSync(`${world.work}/pass`, "right\n");
    expect(await client.probe()).toEqual(ALL);
    chmodSync(`${world.work}/pass`, 0o604);
    expect((await failureOf(client.probe())).message).toContain("must not be readable by others");
    const sources = [
      { kind: "text", text: "right" },
      { kind: "env", name: "PUSH_TEST_PASSWORD" },
      { kind: "command", argv: ["printf", "right\\n"] },
    ] as const;
    process.env["PUSH_TEST_PASSWORD"] = "right";
    for (const source of sources) {
      const other = world.client(url, "", { auth: { password: source, identity: null } });
      expect(await other.probe()).toEqual(ALL);
    }
    const without = world.client(url);
    expect(await failureOf(without.probe())).toMatchObject({ failureClass: "refused" });
  });

  it("whose places are taken is busy", async () => {
    const client = world.client(implementation, "one");
    const holder = await holdConnection(world.daemon(implementation).port, "one");
    expect(await failureOf(client.probe())).toMatchObject({ failureClass: "busy" });
    holder.destroy();
  });

  it("that refuses deletions gets all the rest", async () => {
    const client = world.client(implementation, "no-delete");
    const capabilities = await client.probe();
    expect(capabilities).toEqual({ ...ALL, missingArguments: false, deletes: false });
    world.write({ f: "1" });
    writeFileSync(`${target}/stays`, "");
    const outcome = await client.push(plan({ items: ["f"], deletes: ["stays"] }), capabilities);
    expect(outcome.failed.size).toBe(0);
    expect(outcome.problems).toEqual(["the target refuses deletions: 1 names stay"]);
    expect(Object.keys(readTree(target))).toEqual([".", "f", "stays"]);
  });

  it("that refuses hard links gets moved files again", async () => {
    const client = world.client(implementation, "no-links");
    const capabilities = await client.probe();
    expect(capabilities).toEqual({
      ...ALL,
      hardLinks: false,
      renameOptions: ["link-dest", "copy-dest", "fuzzy"],
    });
    world.write({ old: "1" });
    await client.push(plan({ items: ["old"] }), capabilities);
    renameSync(`${source}/old`, `${source}/new`);
    const links = [{ from: "old", to: "new" }];
    await client.push(plan({ items: ["new"], links }), capabilities);
    await client.push(plan({ items: [""], deletes: ["old"] }), capabilities);
    expect(readTree(target)).toEqual(readTree(source));
  });
});

/** A connection that has a place of a module and does nothing with it. */
async function holdConnection(port: number, module: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("data", resolve));
  socket.write(`@RSYNCD: 31.0 md5\n${module}\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

describe.skipIf(!isRoot()).each([...CURRENT, ...OLD])(
  "paths that %s can not write",
  (implementation) => {
    it("are told apart from all others", async () => {
      world.write({
        "shut/f": "1",
        "shut/gone": "1",
        "shut/dir/x": "1",
        "open/f": "1",
        "shut/tree/a": "1",
        "shut/as-file": "1",
      });
      const all = [
        "shut",
        "shut/f",
        "shut/gone",
        "shut/dir",
        "shut/dir/x",
        "open",
        "open/f",
        "shut/tree",
        "shut/tree/a",
        "shut/as-file",
      ];
      for (const path of ["", ...all]) chownSync(`${source}/${path}`, NOBODY, NOBODY);
      chownSync(target, NOBODY, NOBODY);
      const client = world.client(implementation, "nobody");
      const first = await client.push(plan({ trees: [""] }), ALL);
      expect([...first.failed]).toEqual([]);
      chownSync(`${target}/shut`, 0, 0);
      chmodSync(`${target}/shut`, 0o755);

      writeFileSync(`${source}/shut/f`, "22");
      writeFileSync(`${source}/open/f`, "22");
      rmSync(`${source}/shut/gone`);
      rmSync(`${source}/shut/tree`, { recursive: true });
      rmSync(`${source}/shut/as-file`);
      world.write({
        "shut/new/deep/in": "1",
        "shut/as-file/in": "1",
        'open/q"uo\nted': "1",
        'shut/q"uo\nted': "1",
      });
      const items = [
        "open",
        "open/f",
        'open/q"uo\nted',
        "shut/f",
        "shut/new",
        "shut/new/deep",
        "shut/new/deep/in",
        "shut/as-file",
        "shut/as-file/in",
        'shut/q"uo\nted',
      ];
      for (const path of items) chownSync(`${source}/${path}`, NOBODY, NOBODY);
      const outcome = await client.push(plan({ items, deletes: ["shut/gone", "shut/tree"] }), ALL);
      const failed = [...outcome.failed.keys()].filter((path) => path !== "shut").sort();
      expect(failed).toEqual(
        [
          "shut/as-file",
          "shut/as-file/in",
          "shut/f",
          "shut/gone",
          "shut/new",
          "shut/new/deep",
          "shut/new/deep/in",
          'shut/q"uo\nted',
          "shut/tree",
        ].sort(),
      );
      expect(readFileSync(`${target}/open/f`, "latin1")).toBe("22");
      expect(existsSync(`${target}/open/q"uo\nted`)).toBe(true);
    });

    it("are told by their names below trees", async () => {
      world.write({ "t/shut/f": "1", "t/open/f": "1" });
      for (const path of ["", "t", "t/shut", "t/shut/f", "t/open", "t/open/f"])
        chownSync(`${source}/${path}`, NOBODY, NOBODY);
      mkdirSync(`${target}/t/shut`, { recursive: true });
      chownSync(target, NOBODY, NOBODY);
      chownSync(`${target}/t`, NOBODY, NOBODY);
      utimesSync(`${target}/t/shut`, 1, 1);
      const outcome = await world
        .client(implementation, "nobody")
        .push(plan({ trees: ["t"] }), ALL);
      const failed = [...outcome.failed.keys()].filter((path) => path !== "t/shut");
      expect(failed).toEqual(["t/shut/f"]);
      expect(readFileSync(`${target}/t/open/f`, "latin1")).toBe("1");
    });
  },
);

/** A tree in memory in which something fails, wherever it is entered. */
class FaultyTree extends MemoryTree {
  override subtree(path: string): ReturnType<MemoryTree["subtree"]> {
    return path === "" || path === "." ? this : super.subtree(path);
  }
}

/** Serves a tree of this process while `use` runs. */
async function withServer(tree: MemoryTree, use: (client: TargetClient) => Promise<void>) {
  const server = createServer({ modules: [{ name: "tree", tree, readOnly: false }] });
  const port = await server.listen(0, "127.0.0.1");
  try {
    await use(world.client(`rsync://127.0.0.1:${port}/tree/`));
  } finally {
    await server.close();
  }
}

/** A file system of 1 MB; false where this process may not mount any. */
function mountSmall(directory: string): boolean {
  mkdirSync(directory);
  return runCommand("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory]).status === 0;
}

describe("a target without room", () => {
  class FullTree extends FaultyTree {
    override createTemporary(): never {
      throw treeError("ENOSPC", "create", "");
    }
  }

  it("is full, and no path is to blame", async () => {
    world.write({ f: "1", g: "2" });
    await withServer(new FullTree(), async (client) => {
      const failure = await failureOf(client.push(plan({ items: ["f", "g"] }), ALL));
      expect(failure).toMatchObject({ failureClass: "full" });
    });
  });

  it.each(CURRENT)("is full where %s can write no more", async (implementation) => {
    world.write({ f: noise(3 << 20, 1) });
    const small = `${target}/small`;
    const isMounted = mountSmall(small);
    try {
      const push = world.client(implementation, "m/small").push(plan({ items: ["f"] }), ALL);
      if (isMounted)
        expect(await failureOf(push)).toMatchObject({ failureClass: "full", exitCode: 11 });
      else expect((await push).failed.size).toBe(0);
    } finally {
      if (isMounted) runCommand("umount", ["-l", small]);
    }
  });
});

describe("a target that can not link", () => {
  class UnlinkedTree extends FaultyTree {
    override makeHardLink(): never {
      throw treeError("EPERM", "link", "");
    }
  }

  it("gets the data of moved files", async () => {
    await withServer(new UnlinkedTree(), async (client) => {
      world.write({ old: "content" });
      await client.push(plan({ items: ["old"] }), ALL);
      renameSync(`${source}/old`, `${source}/new`);
      const links = [{ from: "old", to: "new" }];
      const outcome = await client.push(plan({ items: ["new"], links }), ALL);
      expect([...outcome.failed]).toEqual([]);
      const both = (await client.list([""])).sort((a, b) => (a.path < b.path ? -1 : 1));
      expect(both).toMatchObject([
        { path: "new", size: 7 },
        { path: "old", size: 7 },
      ]);
    });
  });
});

/** A daemon between us and the real one, which does to entries without a mode as rsync 3.4.3 does. */
function daemonOf343(port: number): Promise<Listening> {
  return listenWith((client) => {
    const daemon = connect(port, "127.0.0.1");
    let words = "";
    let isRefusing = false;
    let answers = 0;
    client.on("data", (chunk: Buffer) => {
      words += chunk.toString("latin1");
      if (!isRefusing && /--delete-missing-args/.test(words)) isRefusing = true;
      else if (isRefusing && answers >= 1) {
        const frame = (tag: number, payload: Buffer) => {
          const head = Buffer.alloc(4);
          head.writeUInt32LE(((tag + 7) << 24) | payload.length);
          return Buffer.concat([head, payload]);
        };
        const code = Buffer.from([2, 0, 0, 0]);
        const text = Buffer.from('ERROR: invalid file mode 00 for "x" [Receiver]\n');
        client.write(Buffer.concat([frame(3, text), frame(86, code)]));
        daemon.destroy();
        return;
      }
      daemon.write(chunk);
    });
    daemon.on("data", (chunk: Buffer) => {
      if (isRefusing) answers++;
      client.write(chunk);
    });
    daemon.on("close", () => isRefusing || client.destroySoon());
    client.on("close", () => daemon.destroy());
    for (const socket of [client, daemon]) socket.on("error", () => socket.destroy());
  });
}

describe("a daemon that takes no entries without a mode", () => {
  it("is found out, and deletes by filters", async () => {
    const proxy = await daemonOf343(world.daemon("rsync").port);
    try {
      const client = world.client(`rsync://127.0.0.1:${proxy.port}/m/`);
      const capabilities = await client.probe();
      expect(capabilities).toEqual({ ...ALL, missingArguments: false });
      world.write({ "a/b/f": "1", "a/g": "1", "gone/x/y": "1", "stays/z": "1" });
      await client.push(plan({ trees: [""] }), capabilities);
      writeFileSync(`${target}/a/not ours`, "");
      rmSync(`${source}/gone`, { recursive: true });
      rmSync(`${source}/a/b/f`);
      rmSync(`${source}/stays/z`);
      world.write({ "stays/z": "there again" });
      const outcome = await client.push(
        plan({ items: ["", "a/b"], deletes: ["gone", "a/b/f", "stays/z"] }),
        capabilities,
      );
      expect([...outcome.failed]).toEqual([]);
      expect(Object.keys(readTree(target))).toEqual([
        ".",
        "a",
        "a/b",
        "a/g",
        "a/not ours",
        "stays",
        "stays/z",
      ]);
      expect(readFileSync(`${target}/stays/z`, "latin1")).toBe("there again");
    } finally {
      await proxy.close();
    }
  });
});

describe("a target that is not there", () => {
  it("is unreachable: refused, silent, cut off, or somebody else", async () => {
    world.write({ f: "1" });
    const items = plan({ items: ["f"] });
    const nobody = world.client(`rsync://127.0.0.1:${await freePort()}/m/`);
    expect(await failureOf(nobody.push(items, ALL))).toMatchObject({
      failureClass: "unreachable",
      exitCode: 10,
      wasLetIn: false,
    });
    const peers: [string, (socket: Socket) => void][] = [
      ["unreachable", () => {}],
      ["unreachable", (socket) => socket.end()],
      ["protocol", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ];
    for (const [failureClass, talk] of peers) {
      const peer = await listenWith((socket) => {
        socket.on("error", () => {});
        talk(socket);
      });
      const connection = { timeout: 1000, keepAlive: 1000, nodelay: true };
      const client = world.client(`rsync://127.0.0.1:${peer.port}/m/`, "", { connect: connection });
      expect(await failureOf(client.push(items, ALL))).toMatchObject({ failureClass });
      await peer.close();
    }
  });

  it("is unreachable when it falls silent in the middle", async () => {
    const peer = await listenWith((client) => {
      const daemon = connect(world.daemon("rsync").port, "127.0.0.1");
      let chunks = 0;
      client.on("data", (chunk: Buffer) => ++chunks <= 3 && daemon.write(chunk));
      daemon.on("data", (chunk: Buffer) => client.write(chunk));
      client.on("close", () => daemon.destroy());
      for (const socket of [client, daemon]) socket.on("error", () => {});
    });
    world.write({ f: "1" });
    const client = world.client(`rsync://127.0.0.1:${peer.port}/m/`, "", { timeout: 1000 });
    expect(await failureOf(client.push(plan({ items: ["f"] }), ALL))).toMatchObject({
      failureClass: "unreachable",
      exitCode: 30,
    });
    const abort = new AbortController();
    const aborted = client.push(plan({ items: ["f"] }), ALL, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 100);
    await expect(aborted).rejects.toThrow("enough");
    await peer.close();
  });

  it("is pushed to again over a new connection when one opened ahead has died", async () => {
    const sockets: Socket[] = [];
    const proxy = await listenWith((client) => {
      const daemon = connect(world.daemon("rsync").port, "127.0.0.1");
      sockets.push(client);
      client.on("data", (chunk: Buffer) => daemon.write(chunk));
      daemon.on("data", (chunk: Buffer) => client.write(chunk));
      client.on("close", () => daemon.destroy());
      daemon.on("close", () => client.destroySoon());
      for (const socket of [client, daemon]) socket.on("error", () => socket.destroy());
    });
    world.write({ f: "1" });
    const client = world.client(`rsync://127.0.0.1:${proxy.port}/m/`);
    client.warm();
    await expect.poll(() => sockets.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const pushed = client.push(plan({ items: ["", "f"] }), ALL);
    sockets[0]!.resetAndDestroy(); // before the daemon says a word to what it is asked
    expect((await pushed).failed.size).toBe(0);
    expect(readTree(target)).toEqual(readTree(source));
    // The dead one, the push's, and one that was opened for the next push as this one ended.
    await expect.poll(() => sockets.length).toBe(3);
    await proxy.close();
  });
});
