import { once } from "node:events";
import { PassThrough } from "node:stream";
import { RsyncError, StreamError } from "@tsrsync/protocol";
import {
  createWriter,
  encodeByteString,
  finish,
  MessageCode,
  readVstring,
  reserve,
  storeFrameHeader,
  writeVstring,
} from "@tsrsync/protocol/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Input } from "./input.js";
import { Output } from "./output.js";

/** Feeds `bytes` to an input in pieces of the given sizes (the last one repeats). */
function feed(bytes: Uint8Array, sizes: number[]): PassThrough {
  const stream = new PassThrough({ highWaterMark: 1 << 22 });
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[Math.min(i, sizes.length - 1)] ?? bytes.length);
    stream.write(bytes.subarray(at, at + size));
    at += size;
  }
  stream.end();
  return stream;
}

const readText = (input: Input) => input.read((cursor) => readVstring(cursor, "text", 400));

function frame(code: MessageCode, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + payload.length);
  storeFrameHeader(bytes, 0, code, payload.length);
  bytes.set(payload, 4);
  return bytes;
}

test("records come out the same wherever frames and chunks are cut, messages apart", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 300, unit: "binary-ascii" }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 }),
      async (texts, frameSizes, chunkSizes) => {
        const writer = createWriter();
        for (const text of texts) writeVstring(writer, text);
        const data = finish(writer);
        const parts: Uint8Array[] = [];
        for (let at = 0, i = 0; at < data.length; i++) {
          const size = frameSizes[i % frameSizes.length]!;
          parts.push(frame(MessageCode.Data, data.subarray(at, at + size)));
          parts.push(frame(MessageCode.Info, encodeByteString(`message ${i}`)));
          at += size;
          if (frameSizes.every((s) => s === 0)) at = data.length;
        }
        if (frameSizes.every((s) => s === 0)) return;
        const messages: string[] = [];
        const input = new Input(feed(Buffer.concat(parts), chunkSizes));
        input.startFraming((_code, payload) => messages.push(Buffer.from(payload).toString()));
        for (const text of texts) expect(await readText(input)).toBe(text);
        expect(messages.slice(0, 2)).toEqual(["message 0", "message 1"].slice(0, messages.length));
      },
    ),
    { numRuns: 60 },
  );
});

test("what came before framing and what came with it are told apart", async () => {
  const early = Uint8Array.of(3, 97, 98, 99);
  const framed = frame(MessageCode.Data, Uint8Array.of(2, 120, 121));
  const input = new Input(feed(framed, [1]), Buffer.concat([early, framed.subarray(0, 0)]));
  expect(await readText(input)).toBe("abc");
  input.startFraming(() => {});
  expect(await readText(input)).toBe("xy");
});

test("an end in the middle of a record is an error that tells how much came", async () => {
  const input = new Input(feed(Uint8Array.of(5, 97, 98), [1]));
  await expect(readText(input)).rejects.toThrow(StreamError);
  await expect(readText(input)).rejects.toThrow("3 bytes received so far");
});

test("a source whose end was told to somebody else is at its end behind the bytes that were read", async () => {
  const source = new PassThrough().end().resume();
  await once(source, "end");
  const input = new Input(source, Uint8Array.of(2, 111, 107), true);
  expect(await readText(input)).toBe("ok");
  await expect(readText(input)).rejects.toThrow("3 bytes received so far");
});

test("a message that no peer may send ends the session", async () => {
  const input = new Input(feed(Uint8Array.of(0, 0, 0, 7 + 9), [4]));
  input.startFraming(() => {});
  await expect(readText(input)).rejects.toThrow(StreamError);
});

test("an abort wakes up whoever waits", async () => {
  const input = new Input(new PassThrough());
  const waiting = readText(input);
  input.abort(new RsyncError(20, "interrupted"));
  await expect(waiting).rejects.toThrow("interrupted");
});

test("what an output writes, an input reads: data, messages, and buffers of file data between them", async () => {
  const stream = new PassThrough({ highWaterMark: 1 << 22 });
  const output = new Output(stream);
  const input = new Input(stream);
  writeVstring(output.writer, "raw");
  output.startFraming();
  writeVstring(output.writer, "first");
  output.message(MessageCode.Info, encodeByteString("note"));
  writeVstring(output.writer, "second");
  const buffer = output.takeBuffer();
  buffer.set([4, 98, 117, 108, 107], 4);
  output.sendBuffer(buffer, 9);
  const big = reserve(output.writer, 300_000);
  output.writer.bytes.fill(7, big, big + 300_000);
  output.flushWhenFull();
  await output.finish();

  const messages: string[] = [];
  expect(await readText(input)).toBe("raw");
  input.startFraming((_code, payload) => messages.push(Buffer.from(payload).toString()));
  expect(await readText(input)).toBe("first");
  expect(await readText(input)).toBe("second");
  expect(messages).toEqual(["note"]);
  expect(await readText(input)).toBe("bulk");
  for (let left = 300_000; left > 0; ) {
    await input.ensureSome();
    const { cursor } = input;
    expect(cursor.bytes.subarray(cursor.offset, cursor.end).every((byte) => byte === 7)).toBe(true);
    left -= cursor.end - cursor.offset;
    cursor.offset = cursor.end;
  }
  expect(input.bytesRead).toBe(output.bytesWritten);
});

test("texts overtake what was written and not sent yet, and nothing that was sent", async () => {
  const stream = new PassThrough({ highWaterMark: 1 << 22 });
  const output = new Output(stream);
  const input = new Input(stream);
  const told: string[] = [];
  output.startFraming();
  input.startFraming((_code, payload) => told.push(Buffer.from(payload).toString()));
  writeVstring(output.writer, "sent");
  output.flush();
  writeVstring(output.writer, "waiting");
  output.message(MessageCode.Info, encodeByteString("in its place"));
  output.messageAhead(MessageCode.Info, encodeByteString("ahead"));
  expect(output.bytesWritten).toBe(9 + 12 + 16 + 9);
  await output.finish();

  expect(await readText(input)).toBe("sent");
  expect(told).toEqual([]);
  expect(await readText(input)).toBe("waiting");
  writeVstring(output.writer, "end");
  await output.finish();
  expect(await readText(input)).toBe("end");
  expect(told).toEqual(["ahead", "in its place"]);
  expect(input.bytesRead).toBe(output.bytesWritten);
});

test("a keepalive is an empty frame, and reads as nothing", async () => {
  const stream = new PassThrough();
  const output = new Output(stream);
  const input = new Input(stream);
  output.startFraming();
  input.startFraming(() => {});
  output.keepAlive();
  expect(output.bytesWritten).toBe(4);
  writeVstring(output.writer, "x");
  output.flush();
  expect(await readText(input)).toBe("x");
});

test("a closed connection makes the writer fail instead of waiting for ever", async () => {
  const stream = new PassThrough();
  const output = new Output(stream);
  stream.destroy();
  reserve(output.writer, 10);
  await expect(output.finish()).rejects.toThrow("write error");
});
