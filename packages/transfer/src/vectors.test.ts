/**
 * Replays captured sessions: one side's bytes go in, and what our role says in answer must be the other side's bytes, frame
 * headers aside. Vectors: docs/protocol/vectors/transfer.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createCursor, readInt } from "@tsrsync/protocol/wire";
import { beforeEach, expect, test, vi } from "vitest";
import { NO_IDENTITIES } from "./identity/identities.js";
import { emptyDestination } from "./receiver/open-destination.js";
import { runReceiver } from "./run-receiver.js";
import { runSender } from "./run-sender.js";
import { Sources } from "./sender/sources.js";
import { setUpSession } from "./session/set-up.js";
import {
  BEFORE_TIME,
  capabilitiesOf,
  loadCapture,
  optionsOf,
  payload,
  Recording,
  SOURCE_TIME,
  setUpLengths,
  treeOf,
} from "./testing/captures.js";

// All replies are there before they are asked for: a generator that took a rest on a busy machine would be overtaken.
beforeEach(() => {
  vi.spyOn(performance, "now").mockReturnValue(0);
});

const names = [
  "01-new-file-p32",
  "02-delta-p32",
  "07-delta-p29-old-server",
  "09-delta-p30-old-server",
  "18-dry-run-p32",
  "10-redo-p32",
];

test.each(names.filter((name) => name !== "10-redo-p32"))(
  "our sender says what rsync's said in %s",
  async (name) => {
    const { directory, vector, clientToServer, serverToClient } = loadCapture(name);
    const { protocol } = vector;
    expect(Math.min(32, readInt(createCursor(serverToClient)))).toBeGreaterThanOrEqual(protocol);
    const stream = new Recording(serverToClient.subarray(4));
    const tree = treeOf(new URL("source/", directory), SOURCE_TIME);
    const session = await setUpSession({
      stream,
      initialBytes: new Uint8Array(0),
      isServer: false,
      isSender: true,
      protocol,
      capabilities: capabilitiesOf(vector),
      options: optionsOf(vector),
      observer: {},
    });
    const sources = new Sources({ enter: () => tree, describe: (_, name) => name });
    const request = { sources, paths: tree.list(".").sort() };
    await runSender(session, request, NO_IDENTITIES);
    const { client } = setUpLengths(protocol);
    const ours = Buffer.concat(stream.said).subarray(client - 4);
    const theirs = clientToServer.subarray(client);
    expect(payload(ours, protocol >= 30)).toBe(payload(theirs, protocol >= 30));
  },
);

test.each(names)(
  "our receiving side asks what rsync's asked in %s, and has the files in the end",
  async (name) => {
    const { directory, vector, clientToServer, serverToClient } = loadCapture(name);
    const { protocol } = vector;
    const stream = new Recording(clientToServer.subarray(4));
    const tree = treeOf(new URL("before/", directory), BEFORE_TIME);
    const before = tree.list(".");
    const session = await setUpSession({
      stream,
      initialBytes: new Uint8Array(0),
      isServer: true,
      isSender: false,
      protocol,
      capabilities: protocol === 30 ? ".L" : capabilitiesOf(vector),
      options: optionsOf(vector),
      observer: {},
    });
    const privileges = { superUser: false, groups: new Set<number>(), umask: 0o022 };
    await runReceiver(
      session,
      async () => ({ ...emptyDestination(privileges), tree }),
      NO_IDENTITIES,
    );
    const said = Buffer.concat(stream.said);
    const { server } = setUpLengths(protocol);
    expect(payload(said.subarray(server - 4), true)).toBe(
      payload(serverToClient.subarray(server), true),
    );
    if (vector.clientOptions.includes("-tn")) {
      expect(tree.list(".")).toEqual(before);
      return;
    }
    const source = new URL("source/", directory);
    for (const file of readdirSync(source)) {
      const content = new Uint8Array(1000);
      const opened = tree.open(file);
      const count = opened.read(content);
      expect(Buffer.from(content.subarray(0, count))).toEqual(readFileSync(new URL(file, source)));
      expect(tree.stat(file)?.mtime).toBe(SOURCE_TIME.seconds);
    }
  },
);

test("our client receives by protocol 28 what a 3.0.0 server sends", async () => {
  const { directory, vector, clientToServer, serverToClient } = loadCapture("08-delta-p28-pull");
  const stream = new Recording(serverToClient.subarray(4));
  const tree = treeOf(new URL("before/", directory), BEFORE_TIME);
  const session = await setUpSession({
    stream,
    initialBytes: new Uint8Array(0),
    isServer: false,
    isSender: false,
    protocol: 28,
    capabilities: "",
    options: optionsOf(vector),
    observer: {},
  });
  const privileges = { superUser: false, groups: new Set<number>(), umask: 0o022 };
  await runReceiver(
    session,
    async () => ({ ...emptyDestination(privileges), tree }),
    NO_IDENTITIES,
  );
  expect(Buffer.concat(stream.said).toString("hex")).toBe(
    clientToServer.subarray(4).toString("hex"),
  );
  expect(session.statistics.totalSize).toBe(56);
});
