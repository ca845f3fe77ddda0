import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPacedWriter, type PacedWriter } from "./paced-writer.js";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ops-status-"));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(directory, { recursive: true });
});

/** Waits until what is read is this; the disk has its own time. */
async function until(read: () => Promise<string>, expected: string): Promise<void> {
  for (let tries = 0; (await read().catch(() => "")) !== expected; tries++) {
    if (tries > 100_000) throw new Error(`${expected} did not come`);
  }
}

/** A writer, how often it wrote, and what it could not. */
function open(path: string): { writer: PacedWriter; count: () => number; errors: unknown[] } {
  let count = 0;
  const errors: unknown[] = [];
  const writer = createPacedWriter({
    path,
    mode: 0o640,
    intervalMs: 100,
    contents: () => Buffer.from(`${++count}`),
    failed: (error) => errors.push(error),
  });
  return { writer, count: () => count, errors };
}

describe("a file that follows what it shows", () => {
  it("is written at once, then as often as its readers need, and never without a change", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const path = join(directory, "f");
    const { writer, count } = open(path);
    writer.touch();
    vi.advanceTimersByTime(0);
    await until(() => readFile(path, "utf8"), "1");
    for (let i = 0; i < 50; i++) {
      writer.touch();
      vi.advanceTimersByTime(1);
    }
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    await until(() => readFile(path, "utf8"), "2");
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
    await writer.close();
    expect(count()).toBe(2);
  });

  it("waits longer where that is enough, until something comes that is wanted sooner", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const path = join(directory, "f");
    const { writer, count } = open(path);
    writer.touch(500);
    vi.advanceTimersByTime(0);
    await until(() => readFile(path, "utf8"), "1");
    writer.touch(500);
    vi.advanceTimersByTime(490);
    expect(count()).toBe(1);
    vi.advanceTimersByTime(10);
    await until(() => readFile(path, "utf8"), "2");
    writer.touch(500);
    writer.touch();
    writer.touch(500);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(100);
    await until(() => readFile(path, "utf8"), "3");
    await writer.close();
    expect(count()).toBe(3);
  });

  it("has its mode, is whole, and leaves nothing beside it", async () => {
    const path = join(directory, "f");
    const { writer } = open(path);
    writer.touch();
    await writer.close();
    expect((await stat(path)).mode & 0o777).toBe(0o640 & ~process.umask());
    expect(await readdir(directory)).toEqual(["f"]);
  });

  it("survives a place that it can not write to", async () => {
    const { writer, errors } = open(join(directory, "none", "f"));
    writer.touch();
    await writer.close();
    expect(errors).toHaveLength(1);
  });
});
