/** What a peer may not do with messages and requests, between real sides of a session and one that is played by hand. */
import { createEntry, createListOptions, ListWriter } from "@tsrsync/protocol/file-list";
import {
  createWriter,
  finish,
  MessageCode,
  NDX_DONE,
  NDX_FLIST_OFFSET,
  storeFrameHeader,
  type Writer,
  writeByte,
  writeInt,
  writeNdx,
  writeShortint,
} from "@tsrsync/protocol/wire";
import { describe, expect, test } from "vitest";
import { NO_IDENTITIES } from "../identity/identities.js";
import { emptyDestination } from "../receiver/open-destination.js";
import { runReceiver } from "../run-receiver.js";
import { runSender } from "../run-sender.js";
import { Sources } from "../sender/sources.js";
import { duplexPair } from "../testing/pair.js";
import { archiveOptions, synchronize } from "../testing/sessions.js";
import { MemoryTree } from "../tree/index.js";
import { conductSession } from "./end-session.js";
import type { Session } from "./session.js";
import { setUpSession } from "./set-up.js";

const PROTOCOL = 30;

function frame(code: MessageCode, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + payload.length);
  storeFrameHeader(bytes, 0, code, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

function data(write: (writer: Writer) => void): Buffer {
  const writer = createWriter();
  write(writer);
  return frame(MessageCode.Data, finish(writer));
}

const int = (value: number) => {
  const payload = Buffer.alloc(4);
  payload.writeInt32LE(value);
  return payload;
};

interface Played {
  session: Session;
  /** How the server's session ended. */
  end: Promise<unknown>;
  /** Says something as the client. */
  say(...bytes: readonly Uint8Array[]): void;
  /** Closes the line. */
  hangUp(): void;
  /** Reads what the server says from now on. */
  listen(): void;
  heard(): Buffer;
}

/** A server of ours whose client is played by the test, and reads nothing until it says so. */
async function serve(
  role: "sender" | "receiver",
  tree: MemoryTree,
  incremental = false,
): Promise<Played> {
  const [serverEnd, clientEnd] = duplexPair();
  const session = await setUpSession({
    stream: serverEnd,
    initialBytes: new Uint8Array(0),
    protocol: PROTOCOL,
    capabilities: incremental ? ".iLsfxC" : ".LsfxC",
    allowsIncremental: true,
    isServer: true,
    isSender: role === "sender",
    options: { ...archiveOptions(), numericIds: true },
    observer: {},
  });
  const privileges = { superUser: true, groups: new Set<number>(), umask: 0o022 };
  const sources = new Sources({ enter: () => tree, describe: (_, name) => `"${name}"` });
  const roles = () =>
    role === "sender"
      ? runSender(session, { sources, paths: ["."] }, NO_IDENTITIES)
      : runReceiver(
          session,
          async () => ({ ...emptyDestination(privileges), tree }),
          NO_IDENTITIES,
        );
  const end = conductSession(session, undefined, roles).catch((error: unknown) => error);
  const heard: Buffer[] = [];
  return {
    session,
    end,
    say(...bytes) {
      for (const chunk of bytes) clientEnd.write(chunk);
    },
    hangUp() {
      clientEnd.destroy();
      serverEnd.destroy();
    },
    listen: () => void clientEnd.on("data", (chunk: Buffer) => heard.push(chunk)),
    heard: () => Buffer.concat(heard),
  };
}

const noFilters = data((writer) => writeInt(writer, 0));

function listOf(...names: string[]): Buffer {
  const options = createListOptions(PROTOCOL, 0, {
    preserveUid: true,
    preserveGid: true,
    preserveLinks: true,
    devices: true,
    specials: true,
    numericIds: true,
    recursive: true,
  });
  return data((writer) => {
    const lists = new ListWriter(options);
    for (const name of names) lists.writeEntry(writer, createEntry(name, 0o100644, 5, 1000));
    lists.writeEnd(writer, 0);
  });
}

/** The head of an answer or request, and tokens that make up the file "hello". */
const hello = (ndx: number) =>
  data((writer) => {
    writeNdx(writer, { lastPositive: -1, lastNegative: 1 }, PROTOCOL, ndx);
    writeShortint(writer, 0xa000);
    for (let i = 0; i < 4; i++) writeInt(writer, 0);
    writeInt(writer, 5);
    for (const byte of Buffer.from("hello")) writeByte(writer, byte);
    writeInt(writer, 0);
    for (let i = 0; i < 16; i++) writeByte(writer, 0);
  });

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

const messageOf = (error: unknown) => (error as Error).message;
const codeOf = (error: unknown) => (error as { exitCode: number }).exitCode;

describe("a peer that does not read", () => {
  test("gets one sign of life, however many it asks for", async () => {
    const tree = new MemoryTree();
    tree.writeFile("file", Buffer.from("content"));
    const played = await serve("sender", tree);
    played.say(noFilters);
    await turns(20);
    const before = played.session.output.bytesWritten;
    const noop = frame(MessageCode.Noop, new Uint8Array(0));
    played.say(Buffer.concat(Array.from({ length: 20_000 }, () => noop)));
    await turns(50);
    expect(played.session.output.bytesWritten - before).toBeLessThanOrEqual(8);
    played.hangUp();
    await played.end;
  });

  test("has to wait before more of its requests are answered", async () => {
    const tree = new MemoryTree();
    tree.writeFile("file", Buffer.from("content"));
    const played = await serve("sender", tree);
    played.say(noFilters);
    // An item that is only to be echoed, with a long name in it.
    const item = data((writer) => {
      for (let i = 0; i < 1000; i++) {
        writeByte(writer, 0xfe);
        writeShortint(writer, 0);
        writeShortint(writer, 0x1000);
        writeByte(writer, 0x80 | (4000 >> 8));
        writeByte(writer, 4000 & 0xff);
        for (let k = 0; k < 4000; k++) writeByte(writer, 0x78);
      }
    });
    played.say(
      data((writer) => {
        writeNdx(writer, { lastPositive: -1, lastNegative: 1 }, PROTOCOL, 1);
        writeShortint(writer, 0);
      }),
    );
    for (let i = 0; i < 20; i++) played.say(item);
    await turns(200);
    expect(played.session.output.bytesWritten).toBeLessThan(3 << 20);
    played.hangUp();
    await played.end;
  });
});

describe("a client that pushes", () => {
  test("may not send a file that nobody asked for", async () => {
    const tree = new MemoryTree();
    tree.writeFile("kept", Buffer.from("hello"));
    tree.setTimes("kept", null, { seconds: 1000, nanoseconds: 0 });
    const played = await serve("receiver", tree);
    played.listen();
    played.say(listOf("kept"));
    await turns(20);
    played.say(hello(0));
    const error = await played.end;
    expect(messageOf(error)).toBe("file index 0: the file was not asked for");
    expect(codeOf(error)).toBe(2);
    expect(tree.list(".")).toEqual(["kept"]);
  });

  test("may not take back a request that there was not", async () => {
    const tree = new MemoryTree();
    tree.writeFile("kept", Buffer.from("hello"));
    tree.setTimes("kept", null, { seconds: 1000, nanoseconds: 0 });
    const played = await serve("receiver", tree);
    played.listen();
    played.say(listOf("kept"));
    await turns(20);
    played.say(frame(MessageCode.NoSend, int(0)));
    expect(messageOf(await played.end)).toBe("file index 0: the file was not asked for");
  });

  test.each([1, -1, 0x7fffffff, -0x80000000])("may not name the file index %d", async (ndx) => {
    const played = await serve("receiver", new MemoryTree());
    played.listen();
    played.say(listOf("new"));
    await turns(20);
    played.say(frame(MessageCode.NoSend, int(ndx)));
    expect(codeOf(await played.end)).toBe(2);
  });

  test("may not report deletions", async () => {
    const played = await serve("receiver", new MemoryTree());
    played.listen();
    played.say(frame(MessageCode.Deleted, Buffer.from("forged")), listOf("new"));
    expect(codeOf(await played.end)).toBe(12);
  });

  test("hears its texts again, but not without end", async () => {
    const played = await serve("receiver", new MemoryTree());
    played.listen();
    played.say(frame(MessageCode.Info, Buffer.from("a word\nand another\n")), listOf("new"));
    await turns(50);
    expect(played.heard().includes("a word\n")).toBe(true);
    const text = frame(MessageCode.Info, Buffer.from("again\n"));
    played.say(Buffer.concat(Array.from({ length: 1001 }, () => text)));
    const error = await played.end;
    expect(messageOf(error)).toBe("messages: expected at most 1000 texts from a client");
    expect(codeOf(error)).toBe(12);
  });

  test("may not send a list when all lists are done with", async () => {
    const played = await serve("receiver", new MemoryTree(), true);
    played.listen();
    const state = { lastPositive: -1, lastNegative: 1 };
    played.say(
      listOf("one", "two"),
      data((writer) => writeNdx(writer, state, PROTOCOL, NDX_DONE)),
      data((writer) => writeNdx(writer, state, PROTOCOL, NDX_FLIST_OFFSET)),
    );
    const error = await played.end;
    expect(messageOf(error)).toBe("refusing sub-flist after final flist was freed");
    expect(codeOf(error)).toBe(2);
  });

  test.each([5, 6, 7, 8, 9, 10, 20, 21, 77])("may not use the message code %d", async (code) => {
    const played = await serve("receiver", new MemoryTree());
    played.listen();
    played.say(frame(code as MessageCode, int(0)), listOf("new"));
    expect(codeOf(await played.end)).toBe(12);
  });
});

describe("a peer that gives up", () => {
  test.each([
    [23, 23],
    [255, 255],
    [0, 12],
    [256, 12],
    [-1, 12],
  ])("with code %d ends the session with %d, never with success", async (told, code) => {
    const played = await serve("receiver", new MemoryTree());
    played.listen();
    played.say(listOf("new"));
    await turns(20);
    played.say(frame(MessageCode.ErrorExit, int(told)));
    expect(codeOf(await played.end)).toBe(code);
  });
});

describe("a record that comes byte by byte", () => {
  test("does not take the square of its length", async () => {
    const source = new MemoryTree();
    const target = new MemoryTree();
    const names = Array.from({ length: 300 }, (_, i) => `${i}-${"n".repeat(240)}`);
    for (const name of names) source.writeFile(name, Buffer.from(name));
    let framed = 0;
    const split = (chunk: Buffer): Buffer => {
      // The first chunks are not framed.
      if (++framed < 2) return chunk;
      const parts: Buffer[] = [];
      for (let at = 0; at + 4 <= chunk.length; ) {
        const end = at + 4 + chunk.readUIntLE(at, 3);
        const code = chunk[at + 3]! - 7;
        if (code !== 0) parts.push(chunk.subarray(at, end));
        else for (const byte of chunk.subarray(at + 4, end)) parts.push(frame(0, Buffer.of(byte)));
        at = end;
      }
      return Buffer.concat(parts);
    };
    const started = performance.now();
    const outcome = await synchronize(source, target, { tamperSender: split });
    expect([outcome.senderError, outcome.receiverError]).toEqual([null, null]);
    expect(target.list(".").sort()).toEqual([...names].sort());
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
