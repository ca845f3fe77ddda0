import { link, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../log/logger.js";
import { type ControlClient, connectControl } from "./client.js";
import { type ControlServer, openControlServer } from "./server.js";
import { ControlError, type FlushResult, type MirrorControl, type MirrorStatus } from "./types.js";

let directory = "";
let server: ControlServer;
let client: ControlClient;
let flushed: (result: FlushResult) => void = () => {};
const calls: unknown[] = [];

const status: MirrorStatus = { version: "1", pid: 2, started: "", roots: [], journalBytes: 3 };
const mirror: MirrorControl = {
  status: () => status,
  flush: (request) => {
    calls.push(request);
    return new Promise((resolve) => (flushed = resolve));
  },
  verify: async (request) => {
    calls.push(request);
    return { equal: true, targets: [] };
  },
  retry: async ({ root }) => {
    if (root === "x") throw new ControlError("unknown", "no root named x");
    return 4;
  },
  resume: async (root) => void calls.push(root),
  release: async () => 5,
  fullSync: async () => 6,
  reload: async () => {
    throw new Error("line 3: no such key");
  },
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ops-control-"));
  server = await openControlServer(directory, mirror, silentLogger);
  client = await connectControl(directory);
  calls.length = 0;
});
afterEach(async () => {
  client.close();
  await server.close();
  await rm(directory, { recursive: true });
});

/** What the server answers to raw bytes until it ends the connection or has sent `count` lines. */
function raw(bytes: string, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(server.path, () => socket.write(bytes));
    const finish = (): void => {
      socket.destroy();
      resolve(text.split("\n").slice(0, -1));
    };
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (text.split("\n").length > count) finish();
    });
    socket.on("error", () => {});
    socket.on("close", finish);
  });
}

describe("the control socket", () => {
  it("belongs to its user alone", async () => {
    expect((await stat(server.path)).mode & 0o7777).toBe(0o600);
  });

  it("passes all requests", async () => {
    expect(await client.status()).toEqual(status);
    expect(await client.verify({ root: "r", repair: true })).toEqual({ equal: true, targets: [] });
    expect(await client.retry({ root: "r" })).toBe(4);
    await client.resume("www");
    expect(await client.release()).toBe(5);
    expect(await client.fullSync({ target: "t" })).toBe(6);
    expect(calls).toEqual([{ root: "r", repair: true }, "www"]);
  });

  it("answers others while a flush waits, on the same connection and on others", async () => {
    const flush = client.flush({ timeoutMs: 1000 });
    expect(await client.status()).toEqual(status);
    const other = await connectControl(directory);
    expect(await other.release()).toBe(5);
    other.close();
    flushed({ reached: true, targets: [] });
    expect(await flush).toEqual({ reached: true, targets: [] });
    expect(calls).toEqual([{ timeoutMs: 1000 }]);
  });

  it("tells errors with their kinds", async () => {
    await expect(client.retry({ root: "x" })).rejects.toMatchObject({
      code: "unknown",
      message: "no root named x",
    });
    await expect(client.reload()).rejects.toMatchObject({
      code: "failed",
      message: "line 3: no such key",
    });
    const negative = client.flush({ timeoutMs: -1 });
    await expect(negative).rejects.toMatchObject({ code: "bad-request" });
  });

  it.each([
    ["nonsense\n", "not JSON"],
    ["[]\n", "request: expected an object"],
    ['{"id":"1","request":"status"}\n', "id: expected a number"],
    ['{"id":1,"request":"constructor"}\n', "no request named constructor"],
    ['{"id":1,"request":"flush","arguments":{"root":7}}\n', "root: expected a string"],
    ['{"id":1,"request":"resume"}\n', "root: is needed"],
  ])("refuses %j and goes on", async (bytes, message) => {
    const [first, second] = await raw(`${bytes}{"id":9,"request":"release"}\n`, 2);
    expect(JSON.parse(first ?? "")).toMatchObject({ error: { code: "bad-request", message } });
    expect(JSON.parse(second ?? "")).toEqual({ id: 9, result: 5 });
  });

  it("ends a connection whose line never ends", async () => {
    const [answer] = await raw("x".repeat(70_000), 99);
    expect(answer).toContain("line of more than 65536 bytes");
    expect(await client.release()).toBe(5);
  });

  it("takes many requests of one client, and those that come in pieces", async () => {
    const many = Array.from({ length: 500 }, () => client.release());
    expect(new Set(await Promise.all(many))).toEqual(new Set([5]));
    const socket = connect(server.path);
    for (const piece of ['{"id":1,', '"request":"rel', 'ease"}\n']) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const text = await new Promise((resolve) => socket.once("data", (data) => resolve(`${data}`)));
    socket.destroy();
    expect(text).toBe('{"id":1,"result":5}\n');
  });

  it("tells clients that wait that the mirror went away", async () => {
    const flush = client.flush();
    const outcome = expect(flush).rejects.toMatchObject({ code: "closed" });
    await client.status();
    await server.close();
    await outcome;
    await expect(client.status()).rejects.toMatchObject({ code: "closed" });
    await expect(connectControl(directory)).rejects.toMatchObject({ code: "not-running" });
  });

  it("does not take the socket of a mirror that lives, but that of a dead one", async () => {
    const second = openControlServer(directory, mirror, silentLogger);
    await expect(second).rejects.toThrow("another mirror answers");
    const dead = await mkdtemp(join(directory, "dead-"));
    const leave = createServer().listen(join(dead, "other.sock"));
    await new Promise((resolve) => leave.once("listening", resolve));
    await link(join(dead, "other.sock"), join(dead, "control.sock"));
    await new Promise((resolve) => leave.close(resolve));
    const heir = await openControlServer(dead, mirror, silentLogger);
    const visitor = await connectControl(dead);
    expect(await visitor.release()).toBe(5);
    visitor.close();
    await heir.close();
  });

  it("says what is wrong with its place", async () => {
    const long = join(directory, "x".repeat(120));
    await expect(openControlServer(long, mirror, silentLogger)).rejects.toThrow("longer than");
    await writeFile(join(directory, "file"), "");
    const absent = openControlServer(join(directory, "none"), mirror, silentLogger);
    await expect(absent).rejects.toThrow();
  });
});
