import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { PacedStream } from "./paced-stream.js";

test("all bytes arrive, in their order, and no sooner than they may", async () => {
  const sink = new PassThrough();
  const paced = new PacedStream(sink, 100);
  const sent = Buffer.from(Array.from({ length: 60_000 }, (_, i) => i % 251));
  const startedMs = performance.now();
  const written = new Promise((resolve) => paced.write(sent, resolve));
  const chunks: Buffer[] = [];
  sink.on("data", (chunk: Buffer) => chunks.push(chunk));
  await written;
  // 60,000 bytes at 102,400 a second; the first slice is free.
  expect(performance.now() - startedMs).toBeGreaterThan(350);
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});

test("the end of the connection ends the stream", async () => {
  const sink = new PassThrough();
  const paced = new PacedStream(sink, 1);
  const closed = new Promise((resolve) => paced.once("close", resolve));
  sink.destroy();
  await closed;
  expect(paced.destroyed).toBe(true);
});
