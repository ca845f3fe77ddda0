import { Duplex } from "node:stream";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { encodeByteString, MessageCode, storeFrameHeader } from "@tsrsync/protocol/wire";
import { expect, test } from "vitest";
import { archiveOptions } from "../testing/sessions.js";
import { conductSession } from "./end-session.js";
import type { Session } from "./session.js";
import { setUpSession } from "./set-up.js";

function frame(code: MessageCode, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(4 + payload.length);
  storeFrameHeader(bytes, 0, code, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

/** A server that has said `words` after the set-up, and takes nothing any more. */
async function clientOf(words: Buffer[], texts: string[]): Promise<Session> {
  let isBroken = false;
  const stream = new Duplex({
    autoDestroy: false,
    read() {},
    write(_chunk, _encoding, done) {
      done(isBroken ? new Error("EPIPE") : null);
    },
  });
  const flagsAndSeed = Buffer.from([0, 1, 0, 0, 0]);
  stream.push(flagsAndSeed);
  const session = await setUpSession({
    stream,
    initialBytes: new Uint8Array(0),
    protocol: 31,
    capabilities: ".LsfxC",
    isServer: false,
    isSender: true,
    options: archiveOptions(),
    observer: { notice: ({ text }) => texts.push(text) },
  });
  isBroken = true;
  stream.push(Buffer.concat(words));
  return session;
}

/** A role that writes without reading. */
async function writeOn(session: Session): Promise<void> {
  session.output.writer.offset += 1;
  await session.output.finish();
}

const refusal = frame(MessageCode.Error, encodeByteString("ERROR: module is read only\n"));

test("a peer that closed the line has the last word", async () => {
  const texts: string[] = [];
  const session = await clientOf(
    [refusal, frame(MessageCode.ErrorExit, Buffer.from([1, 0, 0, 0]))],
    texts,
  );
  const end = conductSession(session, undefined, () => writeOn(session));
  await expect(end).rejects.toMatchObject({ exitCode: 1 });
  expect(texts).toEqual(["ERROR: module is read only\n"]);
});

test("without an exit code of the peer the broken line counts, and its texts are told", async () => {
  const texts: string[] = [];
  const session = await clientOf([refusal], texts);
  const end = conductSession(session, undefined, () => writeOn(session));
  await expect(end).rejects.toMatchObject({ exitCode: ExitCode.SocketIo });
  await expect(end).rejects.toBeInstanceOf(RsyncError);
  expect(texts).toEqual(["ERROR: module is read only\n"]);
});
