import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { NotifySettings } from "../config/settings.js";
import type { MirrorStatus } from "../control/types.js";
import type { MirrorEvents } from "../events/mirror-events.js";
import { type Logger, silentLogger } from "../log/logger.js";
import { createNotifier } from "./notifier.js";

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

type Receiver =
  | { url: string; preset: "slack" | "dingtalk" | null }
  | { exec: readonly string[] }
  | { mail: { server: string; from: string; to: readonly string[] } };

/** Raises a guard and two overflows, of which the receiver gets what it wants. Returns the errors that were logged. */
async function raise(receiver: Receiver): Promise<string[]> {
  const errors: string[] = [];
  const note = (message: string, fields: Parameters<Logger["error"]>[1]): void => {
    errors.push(`${message}: ${fields?.["receiver"]}: ${fields?.["reason"]}`);
  };
  const logger: Logger = { ...silentLogger, error: note, warn: note };
  const events = new EventEmitter<MirrorEvents>();
  const settings: NotifySettings = { events: ["guard"], minInterval: 0, ...receiver };
  const status = (): MirrorStatus => ({}) as MirrorStatus;
  const notifier = createNotifier([settings], events, { logger, status, host: "box" });
  events.emit("overflow", { root: "www", count: 1 });
  events.emit("guard", { root: "www", active: true, state: "root-gone", reason: "a `b` $c" });
  await notifier.close();
  return errors;
}

const TEXT = "[box] guard: www: halted, root-gone: a `b` $c";

async function web(answer: string): Promise<{ url: string; bodies: unknown[] }> {
  const bodies: unknown[] = [];
  const server = createHttpServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      bodies.push(JSON.parse(body));
      response.end(answer);
    });
  });
  endings.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x?token=s3`, bodies };
}

/** A mail server that knows just enough, and the message that it got. */
async function mailServer(): Promise<{ server: string; lines: string[] }> {
  const lines: string[] = [];
  const server = createServer((socket) => {
    let inData = false;
    socket.write("220 hello\r\n");
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      for (const line of chunk.toString().split("\r\n").slice(0, -1)) {
        lines.push(line);
        if (inData && line !== ".") continue;
        inData = line === "DATA";
        socket.write(inData ? "354 go\r\n" : line === "QUIT" ? "221 bye\r\n" : "250 ok\r\n");
      }
    });
  });
  endings.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server: `127.0.0.1:${(server.address() as AddressInfo).port}`, lines };
}

describe("receivers of alarms", () => {
  it("get JSON at their address", async () => {
    const { url, bodies } = await web("");
    expect(await raise({ url, preset: null })).toEqual([]);
    expect(bodies).toMatchObject([
      { event: "guard", host: "box", text: TEXT, alarms: [{ root: "www", state: "raised" }] },
    ]);
  });

  it("get the form of their chat service, whose refusal is seen", async () => {
    const slack = await web("ok");
    expect(await raise({ url: slack.url, preset: "slack" })).toEqual([]);
    expect(slack.bodies).toEqual([{ text: TEXT }]);
    const ding = await web('{"errcode":310000,"errmsg":"sign"}');
    const errors = await raise({ url: ding.url, preset: "dingtalk" });
    expect(errors.at(-1)).toContain("dingtalk at 127.0.0.1: Error: refused:");
    expect(errors.join()).not.toContain("s3");
  });

  it("get mail", async () => {
    const { server, lines } = await mailServer();
    const to = ["ops@example.com", "me@example.com"];
    expect(await raise({ mail: { server, from: "box@example.com", to } })).toEqual([]);
    expect(lines).toContain("MAIL FROM:<box@example.com>");
    expect(lines).toContain("RCPT TO:<me@example.com>");
    expect(lines).toContain("Subject: [box] guard: www: halted, root-gone: a `b` $c");
  });

  it("are started as programs, with words that no shell reads", async () => {
    const place = mkdtempSync(join(tmpdir(), "ops-notify-"));
    endings.push(() => rmSync(place, { recursive: true }));
    const program = join(place, "page");
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${place}/out\ncat >> ${place}/out\n`;
    writeFileSync(program, script, { mode: 0o755 });
    expect(await raise({ exec: [program, "{event}:{root}{x}", "{text}", "{count}"] })).toEqual([]);
    const [first, second, third, json] = readFileSync(join(place, "out"), "utf8").split("\n");
    expect([first, second, third]).toEqual(["guard:www{x}", TEXT, "1"]);
    expect(JSON.parse(json ?? "")).toMatchObject({ event: "guard" });
  });

  it("that can not be had are tried again, then given up with a word in the log", async () => {
    const errors = await raise({ exec: ["/nonexistent/page"] });
    expect(errors[0]).toMatch(/^alarm not sent yet: program \/nonexistent\/page: Error: spawn/);
    expect(errors.at(-1)).toMatch(/^alarm not sent: program/);
  });
});
