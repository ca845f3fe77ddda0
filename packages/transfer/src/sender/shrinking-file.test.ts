/**
 * A file that is cut short while it is sent: its data is rejected, it is fetched again, and the run is a partial one.
 */
import { expect, test } from "vitest";
import { synchronize } from "../testing/sessions.js";
import type { ReadingOptions } from "../tree/file-tree.js";
import type { MemoryFile } from "../tree/memory-file.js";
import { MemoryTree } from "../tree/memory-tree.js";

const SIZE = 300_000;
const REST = 1000;

/** A tree whose file `f` is cut when it is read for the first time. */
class ShrinkingTree extends MemoryTree {
  #isCut = false;

  override open(path: string, options?: ReadingOptions): MemoryFile {
    const file = super.open(path, options);
    if (path !== "f") return file;
    const { read } = file;
    file.read = (into) => {
      if (!this.#isCut) this.openForUpdate("f", 0o644).truncate(REST);
      this.#isCut = true;
      return read.call(file, into);
    };
    return file;
  }
}

test.each([
  ["whole", { wholeFile: true }],
  ["as differences", {}],
  ["compressed", { compress: true }],
  ["in place", { inplace: true }],
])("a file that is sent %s", async (_name, options) => {
  const source = new ShrinkingTree();
  const target = new MemoryTree();
  const bytes = new Uint8Array(SIZE).map((_, i) => (i * i) >> 7);
  source.writeFile("f", bytes);
  source.writeFile("later", Buffer.from("later"));
  target.writeFile(
    "f",
    bytes.map((byte, i) => (i < SIZE / 2 ? byte : byte + 1)),
  );
  target.setTimes("f", null, { seconds: 1, nanoseconds: 0 });
  const { notices, sender } = await synchronize(source, target, { options });
  expect(sender?.exitCode()).toBe(23);
  expect(notices.map(({ text }) => text).join("")).toContain(
    'read errors mapping "f": No data available (61)',
  );
  expect(target.readFile("f")).toEqual(bytes.subarray(0, REST));
  expect(Buffer.from(target.readFile("later")).toString()).toBe("later");
});
