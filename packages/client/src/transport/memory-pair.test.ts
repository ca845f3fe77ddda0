import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { memoryPair } from "./memory-pair.js";

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test("what one end writes the other reads, both ways, up to the end", async () => {
  const [a, b] = memoryPair();
  a.write("ping");
  a.end(" over");
  b.end("pong");
  expect(String(await readAll(b))).toBe("ping over");
  expect(String(await readAll(a))).toBe("pong");
});

test("a buffer may be used again as soon as its write is done", async () => {
  const [a, b] = memoryPair();
  const buffer = Buffer.alloc(4, "x");
  await new Promise((resolve) => a.write(buffer, resolve));
  buffer.fill("y");
  a.end();
  expect(String(await readAll(b))).toBe("xxxx");
});

test("a writer has to wait while nobody reads", async () => {
  const [a, b] = memoryPair();
  let written = 0;
  for (let i = 0; i < 100; i++) a.write(Buffer.alloc(100_000), () => written++);
  await new Promise(setImmediate);
  expect(written).toBeLessThan(20);
  b.resume();
  await new Promise<void>((resolve) => a.end(() => resolve()));
  expect(written).toBe(100);
});

test("an end that is destroyed ends the other one and lets its writer go on", async () => {
  const [a, b] = memoryPair();
  for (let i = 0; i < 100; i++) a.write(Buffer.alloc(100_000));
  b.on("error", () => {});
  b.destroy();
  const done = new Promise<void>((resolve) => a.end(() => resolve()));
  expect(await readAll(a)).toHaveLength(0);
  await done;
});

test("timers and signals have their turn while two ends keep each other busy", async () => {
  const [a, b] = memoryPair();
  b.resume();
  let hasFired = false;
  setTimeout(() => {
    hasFired = true;
  }, 5);
  const endsMs = performance.now() + 2000;
  await new Promise<void>((resolve) => {
    const goOn = () => {
      if (hasFired || performance.now() > endsMs) resolve();
      else a.write(Buffer.alloc(1024), goOn);
    };
    goOn();
  });
  expect(hasFired).toBe(true);
  a.destroy();
  b.destroy();
});
