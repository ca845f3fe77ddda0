import { duplexPair } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { algorithmListsOf, MemoryTree } from "@tsrsync/transfer";
import { expect, test } from "vitest";
import { createModule, type ModuleConfig } from "../config/index.js";
import { serveModule } from "./serve-module.js";

interface Service {
  module?: Partial<ModuleConfig>;
  log: (text: string) => void;
  logged?: () => Promise<void>;
}

/** Starts a service; the client's end of the line, and when it is over. */
function serve({ module, log, logged }: Service) {
  const [serverEnd, clientEnd] = duplexPair();
  const served = serveModule({
    request: {
      module: createModule({ name: "m", path: "/", ...module }),
      filterRules: [],
      protocol: 31,
      peer: { hostName: "h", address: "192.0.2.1" },
      user: "",
      readOnly: true,
      bwlimit: 0,
      algorithmLists: algorithmListsOf({}),
    },
    stream: serverEnd,
    initial: new Uint8Array(0),
    root: new MemoryTree(),
    log: (text) => log(text.replace(/ at .*/, "")),
    ...(logged && { logged }),
  });
  return { clientEnd, served };
}

test.each([
  ["-M-s: no second list follows", ["-s", ".", "m/f"], [], "--secluded-args (-s)"],
  ["-M--protect-args", ["--protect-args", ".", "m/f"], [], "--protect-args"],
  ["-s of a client of its own", ["-s"], ["rsync", ".", "m/f"], "--secluded-args (-s)"],
])("a refused %s is answered", async (_name, first, second, shown) => {
  const lines: string[] = [];
  const module = { refuseOptions: "secluded-args" };
  const { clientEnd, served } = serve({ module, log: (text) => lines.push(text) });
  clientEnd.on("data", () => {});
  clientEnd.write(["--server", "--sender", ...first, ""].map((word) => `${word}\0`).join(""));
  if (second.length > 0) clientEnd.write([...second, ""].map((word) => `${word}\0`).join(""));
  await delay(50);
  clientEnd.end();
  await served;
  expect(lines).toContain(`rsync: The server is configured to refuse ${shown}`);
});

test("the reason of a failure is in the log before the line is closed", async () => {
  const events: string[] = [];
  const { clientEnd, served } = serve({
    log: (text) => events.push(text),
    logged: async () => {
      await delay(50);
      events.push("logged");
    },
  });
  clientEnd.on("data", () => {});
  clientEnd.on("end", () => events.push("end"));
  clientEnd.write("a\0".repeat(17_000));
  await served;
  await delay(10);
  expect(events).toEqual([
    "rsync: too many daemon arguments",
    "rsync error: protocol incompatibility (code 2)",
    "logged",
    "end",
  ]);
});
