/**
 * Replays captured sessions: one side's bytes go in, and what our role says in answer must be the other side's bytes, frame
 * headers aside. Vectors: docs/protocol/vectors/transfer.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Duplex } from "node:stream";
import {
  createCursor,
  decodeFrameHeader,
  FRAME_HEADER,
  MessageCode,
  readInt,
} from "@tsrsync/protocol/wire";
import { beforeEach, expect, test, vi } from "vitest";
import { NO_IDENTITIES } from "./identity/identities.js";
import { emptyDestination } from "./receiver/open-destination.js";
import { runReceiver } from "./run-receiver.js";
import { runSender } from "./run-sender.js";
import { defaultTransferOptions, type TransferOptions } from "./session/options.js";
import { setUpSession } from "./session/set-up.js";
import { MemoryTree } from "./tree/index.js";

// All replies are there before they are asked for: a generator that took a rest on a busy machine would be overtaken.
beforeEach(() => {
  vi.spyOn(performance, "now").mockReturnValue(0);
});

const VECTORS = new URL("../../../docs/protocol/vectors/transfer/", import.meta.url);

const SOURCE_TIME = { seconds: 1_700_000_000, nanoseconds: 0 };
const BEFORE_TIME = { seconds: 1_600_000_000, nanoseconds: 0 };

interface Vector {
  protocol: number;
  direction: string;
  clientOptions: string[];
  serverCommand: string[];
  compress: string;
}

/** A connection on which the peer has said everything already; what we say is kept. */
class Recording extends Duplex {
  readonly said: Buffer[] = [];
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super();
    this.#bytes = bytes;
  }

  override _read(): void {
    this.push(this.#bytes);
    this.push(null);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.said.push(Buffer.from(chunk));
    done();
  }
}

/** The joined payloads of the DATA frames from `offset` on; without frames just the bytes. */
function payload(bytes: Buffer, framed: boolean): string {
  if (!framed) return bytes.toString("hex");
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { code, length } = decodeFrameHeader(bytes, at);
    at += FRAME_HEADER;
    if (code === MessageCode.Data) parts.push(bytes.subarray(at, at + length));
    at += length;
  }
  return Buffer.concat(parts).toString("hex");
}

function treeOf(directory: URL, time: typeof SOURCE_TIME): MemoryTree {
  const tree = new MemoryTree();
  if (!existsSync(directory)) return tree;
  for (const name of readdirSync(directory)) {
    const file = tree.openForUpdate(name, 0o644);
    file.write(readFileSync(new URL(name, directory)));
    file.close();
    tree.setMode(name, 0o644);
    tree.setTimes(name, null, time);
  }
  return tree;
}

function optionsOf({ clientOptions }: Vector): TransferOptions {
  const options = defaultTransferOptions();
  options.times = true;
  for (const word of clientOptions) {
    if (word.startsWith("-B")) options.blockSize = Number(word.slice(2));
    if (word.startsWith("--checksum-seed=")) options.checksumSeed = Number(word.slice(16));
    if (word === "-tn") options.dryRun = true;
  }
  return options;
}

/** How long the unframed beginning of each direction is, version ints included. */
function setUpLengths(protocol: number): { client: number; server: number } {
  if (protocol < 30) return { client: 4, server: 8 };
  if (protocol === 30) return { client: 4, server: 9 };
  return { client: 35, server: 46 };
}

const capabilitiesOf = ({ serverCommand }: Vector) =>
  /e(\.[A-Za-z]*)$/.exec(serverCommand.find((word) => /^-\w*e\./.test(word)) ?? "")?.[1] ?? "";

const names = [
  "01-new-file-p32",
  "02-delta-p32",
  "07-delta-p29-old-server",
  "09-delta-p30-old-server",
  "18-dry-run-p32",
  "10-redo-p32",
];

function load(name: string) {
  const directory = new URL(`${name}/`, VECTORS);
  const vector = JSON.parse(readFileSync(new URL("vector.json", directory), "utf8")) as Vector;
  const clientToServer = readFileSync(new URL("client-to-server.bin", directory));
  const serverToClient = readFileSync(new URL("server-to-client.bin", directory));
  return { directory, vector, clientToServer, serverToClient };
}

test.each(names.filter((name) => name !== "10-redo-p32"))(
  "our sender says what rsync's said in %s",
  async (name) => {
    const { directory, vector, clientToServer, serverToClient } = load(name);
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
    const sources = tree
      .list(".")
      .sort()
      .map((file) => ({ tree, name: file, describe: (path: string) => path }));
    await runSender(session, sources, NO_IDENTITIES);
    const { client } = setUpLengths(protocol);
    const ours = Buffer.concat(stream.said).subarray(client - 4);
    const theirs = clientToServer.subarray(client);
    expect(payload(ours, protocol >= 30)).toBe(payload(theirs, protocol >= 30));
  },
);

test.each(names)(
  "our receiving side asks what rsync's asked in %s, and has the files in the end",
  async (name) => {
    const { directory, vector, clientToServer, serverToClient } = load(name);
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
  const { directory, vector, clientToServer, serverToClient } = load("08-delta-p28-pull");
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
