import { mkdir, readFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CdnHook, HookSettings } from "../config/settings.js";
import { type LogFields, silentLogger } from "../log/logger.js";
import { createCdnHook } from "./cdn-hook.js";
import type { HookContext } from "./hook-context.js";
import { batchOf, COMMON, HOSTILE, makeHostileRoot, never } from "./hook-test-support.js";
import { createHttpHook } from "./http-hook.js";
import { createSocketHook } from "./socket-hook.js";

let root: ReturnType<typeof makeHostileRoot>;
const open: (Server | HttpServer)[] = [];
beforeAll(() => {
  root = makeHostileRoot();
});
const closeAll = (): void => {
  for (const server of open.splice(0)) server.close();
};
afterEach(closeAll);
afterAll(() => root.remove());

const listen = async (server: Server, port = 0): Promise<number> => {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};

/** A TCP server that keeps what each connection brought until its end. */
async function sink(): Promise<{
  port: number;
  texts: string[];
  ended: (n: number) => Promise<void>;
}> {
  const texts: string[] = [];
  const server = createServer((socket) => {
    const index = texts.push("") - 1;
    socket.on("data", (chunk) => void (texts[index] += chunk.toString("latin1")));
    socket.on("end", () => server.emit("done"));
  });
  const port = await listen(server);
  let done = 0;
  server.on("done", () => done++);
  const ended = async (count: number): Promise<void> => {
    while (done < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { port, texts, ended };
}

/** An HTTP server that keeps requests and answers as told. */
async function web(statuses: number[] = []): Promise<{
  url: string;
  port: number;
  requests: { line: string; type: string; body: string }[];
}> {
  const requests: { line: string; type: string; body: string }[] = [];
  const server = createHttpServer((request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      const type = `${request.headers["content-type"]}`;
      requests.push({ line: `${request.method} ${request.url}`, type, body });
      response.writeHead(statuses.shift() ?? 200, { whatsup: 'content="succeed"' }).end("answer");
    });
  });
  const port = await listen(server as unknown as Server);
  return { url: `http://127.0.0.1:${port}`, port, requests };
}

const absolute = (name: string): string => `${root.directory}/${name}`;

describe("hooks that speak over a socket", () => {
  const hook = (port: number, format: "compat" | "json", timeout = 5000) =>
    createSocketHook({ ...COMMON, kind: "socket", address: `127.0.0.1:${port}`, format, timeout });

  it("send sersync's bytes: each path over a connection of its own, without end mark", async () => {
    const { port, texts, ended } = await sink();
    await hook(port, "compat")(batchOf(root.directory, HOSTILE), never);
    await ended(HOSTILE.length);
    expect(texts).toEqual(HOSTILE.map(absolute));
  });

  it("try five times, a tenth of a second apart, as sersync did", async () => {
    const { port } = await sink();
    closeAll();
    const start = performance.now();
    const late = createServer((socket: Socket) => socket.resume());
    setTimeout(() => void listen(late, port), 250);
    await hook(port, "compat")(batchOf(root.directory, ["a"]), never);
    expect(performance.now() - start).toBeGreaterThan(200);
    closeAll();
    const again = performance.now();
    const refused = hook(port, "compat")(batchOf(root.directory, ["a"]), never);
    await expect(refused).rejects.toThrow("ECONNREFUSED");
    expect(performance.now() - again).toBeGreaterThan(380);
  });

  it("send lines of JSON over one connection, and over a new one when that went away", async () => {
    const lines: string[] = [];
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      let rest = "";
      socket.on("data", (chunk) => {
        const parts = (rest + chunk.toString()).split("\n");
        rest = parts.pop() ?? "";
        lines.push(...parts);
      });
    });
    const run = hook(await listen(server), "json");
    const until = async (count: number): Promise<void> => {
      while (lines.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await run(batchOf(root.directory, HOSTILE), never);
    await run(batchOf(root.directory, ["gone"]), never);
    await until(HOSTILE.length + 1);
    expect(sockets).toHaveLength(1);
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
      root: "www",
      target: "web1",
      batch: 7,
      path: "gone",
      absolute: absolute("gone"),
      event: "delete",
      isDirectory: false,
    });
    const names = lines.map((line) => JSON.parse(line) as { path: string; pathBase64?: string });
    const last = names.find(({ pathBase64 }) => pathBase64 !== undefined);
    expect(Buffer.from(last?.pathBase64 ?? "", "base64").toString("latin1")).toBe(HOSTILE[8]);
    sockets[0]?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await run(batchOf(root.directory, ["a"]), never);
    await until(HOSTILE.length + 2);
    expect(sockets).toHaveLength(2);
    sockets[1]?.destroy();
  });

  it("give up on a server that does not answer when their time is over", async () => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new Error("over")), 50);
    // TEST-NET-1: packets to it go nowhere; a network that says so at once fails the attempt as well.
    const run = createSocketHook({
      ...COMMON,
      kind: "socket",
      address: "192.0.2.1:9",
      format: "compat",
    });
    await expect(run(batchOf(root.directory, ["a"]), limit.signal)).rejects.toThrow();
  });
});

describe("hooks that post", () => {
  const hook = (url: string, format: "compat" | "json") =>
    createHttpHook({ ...COMMON, kind: "http", url, format });

  it("send sersync's form for each path", async () => {
    const { url, requests } = await web();
    await mkdir(join(root.directory, "dir"), { recursive: true });
    await hook(`${url}/x`, "compat")(batchOf(root.directory, [...HOSTILE, "dir", "gone"]), never);
    const forms = requests.map(({ body }) => {
      const fields = body.split("&").map((field) => field.split("="));
      return Object.fromEntries(
        fields.map(([name, value = ""]) => [
          name,
          value.replace(/%([0-9A-F]{2})/g, (_, hex) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          ),
        ]),
      ) as Record<string, string>;
    });
    expect(forms.map((form) => form["inotifyPath"])).toEqual([...HOSTILE, "dir", "gone"]);
    expect(forms.at(-2)).toEqual({
      watchroot: root.directory,
      isdir: "1",
      inotifyPath: "dir",
      mask: `${0x40000100}`,
    });
    expect(forms.at(-1)?.["mask"]).toBe("512");
    expect(forms[0]?.["mask"]).toBe("8");
    expect(requests[0]).toMatchObject({
      line: "POST /x",
      type: "application/x-www-form-urlencoded",
    });
  });

  it("send one JSON document", async () => {
    const { url, requests } = await web();
    await hook(url, "json")(batchOf(root.directory, HOSTILE), never);
    expect(requests).toHaveLength(1);
    expect(JSON.parse(Buffer.from(requests[0]?.body ?? "", "latin1").toString())).toMatchObject({
      root: "www",
      count: HOSTILE.length,
      changes: HOSTILE.map(() => ({ event: "update" })),
    });
  });

  it("fail with the status of an answer that is none of success", async () => {
    const { url } = await web([503]);
    const failed = hook(url, "json")(batchOf(root.directory, ["a"]), never);
    await expect(failed).rejects.toThrow("status 503: answer");
  });
});

describe("hooks that refresh a content network", () => {
  const said: LogFields[] = [];
  const context = (): HookContext => ({
    stateDir: root.directory,
    logger: { ...silentLogger, info: (_message, fields = {}) => said.push(fields) },
    readPassword: async (source) => (source.kind === "text" ? source.text : ""),
  });
  const settings = (changes: Partial<CdnHook>): HookSettings & CdnHook => ({
    ...COMMON,
    kind: "cdn",
    template: null,
    host: "127.0.0.1",
    port: 0,
    user: "u ser",
    password: { kind: "text", text: "p&w" },
    base: "http://pic.example.com/cms",
    urlMatch: null,
    request: null,
    ...changes,
  });

  it("speak to ChinaCache as sersync did, files and directories apart", async () => {
    const { port, requests } = await web();
    const run = createCdnHook(settings({ template: "chinacache", port }), context());
    await mkdir(join(root.directory, "dir"), { recursive: true });
    await run(batchOf(root.directory, ["a/b.jpg", "c d&e.jpg", "dir"]), never);
    const login = "HEAD /index.jsp?user=u%20ser&pswd=p%26w&ok=ok";
    expect(requests.map(({ line }) => line)).toEqual([
      `${login}&urls=http://pic.example.com/cms/a/b.jpg%0D%0Ahttp://pic.example.com/cms/c%20d%26e.jpg`,
      `${login}&dirs=http://pic.example.com/cms/dir/`,
    ]);
    expect(said[0]).toEqual({ host: "127.0.0.1", whatsup: 'content="succeed"' });
    const notes = await readFile(join(root.directory, "errorlog.txt"), "utf8");
    expect(notes).toBe('content="succeed"\ncontent="succeed"\n');
  });

  it("fail when the network refuses or does not speak http", async () => {
    const { port } = await web([403]);
    const refused = createCdnHook(settings({ template: "chinacache", port }), context());
    await expect(refused(batchOf(root.directory, ["a"]), never)).rejects.toThrow("status 403");
    const mute = await listen(createServer((socket) => socket.end("hello")));
    const odd = createCdnHook(settings({ template: "chinacache", port: mute }), context());
    await expect(odd(batchOf(root.directory, ["a"]), never)).rejects.toThrow("status missing");
  });

  it("cut the address out of the path when told", async () => {
    const { url, requests } = await web();
    const request = { method: "GET", url: `${url}/purge?u={url}`, headers: {}, body: null };
    const urlMatch = "ops-hooks-[^/]*/site([/a-zA-Z0-9]*)/images";
    const run = createCdnHook(settings({ request, urlMatch }), context());
    const paths = ["site/one/two/images/x.jpg", "elsewhere/x.jpg", "site/s/images/文 1.jpg"];
    await run(
      batchOf(
        root.directory,
        paths.map((path) => Buffer.from(path).toString("latin1")),
      ),
      never,
    );
    const asked = requests.map(({ line }) => decodeURIComponent(line.split("u=")[1] ?? ""));
    expect(asked).toEqual([
      "http://pic.example.com/cms/one/two/x.jpg",
      "http://pic.example.com/cms/s/%E6%96%87%201.jpg",
    ]);
  });

  it("fill in a request for the whole batch", async () => {
    const { url, requests } = await web();
    const request = {
      method: "POST",
      url: `${url}/api/{user}`,
      headers: { "Content-Type": "application/json", "X-Key": "{password}" },
      body: '{"files":{urlList},"by":"{user}","n":{count}}',
    };
    const run = createCdnHook(settings({ request, user: 'q"u' }), context());
    await run(batchOf(root.directory, ["a", "b"]), never);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.line).toBe("POST /api/q%22u");
    expect(JSON.parse(requests[0]?.body ?? "")).toEqual({
      files: ["http://pic.example.com/cms/a", "http://pic.example.com/cms/b"],
      by: 'q"u',
      n: 2,
    });
  });
});
