/**
 * The compressed captures of docs/protocol/vectors/transfer: our receiving side takes what rsync's sender said, and what our
 * sender says leads to the same files. Two encoders need not make the same bytes.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { NO_IDENTITIES } from "../identity/identities.js";
import { emptyDestination } from "../receiver/open-destination.js";
import { runReceiver } from "../run-receiver.js";
import { runSender } from "../run-sender.js";
import { Sources } from "../sender/sources.js";
import { setUpSession } from "../session/set-up.js";
import {
  BEFORE_TIME,
  type Capture,
  capabilitiesOf,
  loadCapture,
  optionsOf,
  payload,
  Recording,
  SOURCE_TIME,
  setUpLengths,
  treeOf,
} from "../testing/captures.js";
import { MemoryTree } from "../tree/index.js";
import { SUPPORTED_COMPRESSIONS } from "./index.js";

// All replies are there before they are asked for: a generator that took a rest on a busy machine would be overtaken.
beforeEach(() => {
  vi.spyOn(performance, "now").mockReturnValue(0);
});

const NAMES = [
  "03-zlib-p32",
  "04-zlibx-p32",
  "05-lz4-p32",
  "06-zstd-p32",
  "16-zlib-p30-block-over-65535",
  "19-token-runs-zlibx-p32",
  "20-zstd-history-p32",
];

const captures = NAMES.map((name) => ({ name, capture: loadCapture(name) }));

/** The file of vector 16, as its README describes it. */
function bigFile(): Buffer {
  const letters = Buffer.from("abcdefgh");
  const bytes = Buffer.alloc(66_000);
  let x = 1n;
  for (let i = 0; i < bytes.length; i++) {
    x = (x * 1103515245n + 12345n) % 2147483648n;
    bytes[i] = letters[Number((x >> 16n) & 7n)]!;
  }
  return bytes;
}

function bigFileChanged(): Buffer {
  const big = bigFile();
  const text = (value: string) => Buffer.from(value);
  return Buffer.concat([
    text("HEAD:"),
    big.subarray(300, 420),
    text("|"),
    big,
    text("|TAIL:"),
    big.subarray(100, 400),
    big.subarray(65_600, 65_900),
    text("\n"),
  ]);
}

function filesOf({ directory }: Capture, part: "source" | "before"): Map<string, Buffer> {
  const folder = new URL(`${part}/`, directory);
  if (!directory.pathname.includes("16-zlib")) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return new Map(names.map((name) => [name, readFileSync(new URL(name, folder))]));
  }
  return new Map([["big.txt", part === "source" ? bigFileChanged() : bigFile()]]);
}

function filledTree(capture: Capture, part: "source" | "before"): MemoryTree {
  const time = part === "source" ? SOURCE_TIME : BEFORE_TIME;
  const stored = treeOf(new URL(`${part}/`, capture.directory), time);
  if (stored.list(".").length > 0) return stored;
  const tree = new MemoryTree();
  for (const [name, bytes] of filesOf(capture, part)) {
    const file = tree.openForUpdate(name, 0o644);
    file.write(bytes);
    file.close();
    tree.setMode(name, 0o644);
    tree.setTimes(name, null, time);
  }
  return tree;
}

/** Our receiving side with all that a sender said; what it has in the end. */
async function receive(capture: Capture, fromSender: Buffer) {
  const { vector } = capture;
  const stream = new Recording(fromSender);
  const tree = filledTree(capture, "before");
  const session = await setUpSession({
    stream,
    initialBytes: new Uint8Array(0),
    isServer: true,
    isSender: false,
    protocol: vector.protocol,
    capabilities: vector.protocol === 30 ? ".L" : capabilitiesOf(vector),
    options: optionsOf(vector),
    observer: {},
  });
  const privileges = { superUser: false, groups: new Set<number>(), umask: 0o022 };
  const destination = { ...emptyDestination(privileges), tree };
  await runReceiver(session, async () => destination, NO_IDENTITIES);
  return { tree, said: Buffer.concat(stream.said) };
}

/** Our sender with all that a receiving side said. */
async function send(capture: Capture): Promise<Buffer> {
  const { vector, serverToClient } = capture;
  const stream = new Recording(serverToClient.subarray(4));
  const session = await setUpSession({
    stream,
    initialBytes: new Uint8Array(0),
    isServer: false,
    isSender: true,
    protocol: vector.protocol,
    capabilities: capabilitiesOf(vector),
    options: optionsOf(vector),
    observer: {},
  });
  const tree = filledTree(capture, "source");
  const sources = new Sources({ enter: () => tree, describe: (_, name) => name });
  await runSender(session, { sources, paths: tree.list(".").sort() }, NO_IDENTITIES);
  return Buffer.concat(stream.said);
}

function expectSource(tree: MemoryTree, capture: Capture): void {
  const expected = filesOf(capture, "source");
  expect(expected.size).toBeGreaterThan(0);
  for (const [name, bytes] of expected) {
    const content = Buffer.alloc(bytes.length + 1);
    const count = tree.open(name).read(content);
    expect(content.subarray(0, count).equals(bytes), name).toBe(true);
    expect(tree.stat(name)?.mtime).toBe(SOURCE_TIME.seconds);
  }
}

describe.each(captures)("$name", ({ capture }) => {
  const { compress, protocol } = capture.vector;
  const isPossible = (SUPPORTED_COMPRESSIONS as readonly string[]).includes(compress);

  test.runIf(isPossible)("our receiving side takes it and asks for the same", async () => {
    const { tree, said } = await receive(capture, capture.clientToServer.subarray(4));
    expectSource(tree, capture);
    const { server } = setUpLengths(protocol);
    expect(payload(said.subarray(server - 4), true)).toBe(
      payload(capture.serverToClient.subarray(server), true),
    );
  });

  test.runIf(isPossible)("what our sender says instead leads to the same files", async () => {
    const said = await send(capture);
    const { tree } = await receive(capture, said);
    expectSource(tree, capture);
  });

  test.runIf(!isPossible)("a runtime without it refuses it by name", async () => {
    await expect(send(capture)).rejects.toMatchObject({
      exitCode: 4,
      message: `unknown compress name: ${compress}`,
    });
  });
});
