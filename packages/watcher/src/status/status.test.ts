import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPacedWriter, type PacedWriter } from "./paced-writer.js";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ops-status-"));
});
afterEach(() => rm(directory, { recursive: true }));

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
    const path = join(directory, "f");
    const { writer, count } = open(path);
    writer.touch();
    await sleep(30);
    expect(await readFile(path, "utf8")).toBe("1");
    for (let i = 0; i < 50; i++) {
      writer.touch();
      await sleep(1);
    }
    expect(count()).toBe(1);
    await sleep(100);
    expect(count()).toBe(2);
    await sleep(150);
    expect(count()).toBe(2);
    await writer.close();
    expect(count()).toBe(2);
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
