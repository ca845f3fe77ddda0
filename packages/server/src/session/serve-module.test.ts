import { duplexPair } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { algorithmListsOf, MemoryTree } from "@tsrsync/transfer";
import { expect, test } from "vitest";
import { createModule } from "../config/index.js";
import { serveModule } from "./serve-module.js";

test("the reason of a failure is in the log before the line is closed", async () => {
  const [serverEnd, clientEnd] = duplexPair();
  const events: string[] = [];
  clientEnd.on("data", () => {});
  clientEnd.on("end", () => events.push("end"));
  const served = serveModule({
    request: {
      module: createModule({ name: "m", path: "/" }),
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
    log: (text) => events.push(text.replace(/ at .*/, "")),
    logged: async () => {
      await delay(50);
      events.push("logged");
    },
  });
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
