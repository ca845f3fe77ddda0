import { expect, test } from "vitest";
import { MemoryTree } from "../tree/memory-tree.js";
import type { SentFile } from "./file-from.js";
import { SizedFile } from "./sized-file.js";

/** A file with the bytes 1 to `length`. */
function fileOf(length: number, isLate = false): SentFile {
  const tree = new MemoryTree();
  tree.writeFile(
    "f",
    Uint8Array.from({ length }, (_, i) => i + 1),
  );
  const file = tree.open("f") as SentFile;
  if (!isLate) return file;
  return {
    read: async (into) => file.read(into),
    readv: async (views) => file.readv(views),
    readAt: async (into, position) => file.readAt(into, position),
  };
}

test.each([false, true])("what is appended is not read (late: %s)", async (isLate) => {
  const file = new SizedFile(fileOf(9, isLate), 5);
  const into = new Uint8Array(4);
  expect(await file.read(into)).toBe(4);
  expect(await file.read(into)).toBe(1);
  expect([...into]).toEqual([5, 2, 3, 4]);
  expect(await file.read(into)).toBe(0);
  expect(await file.readAt(into, 3)).toBe(2);
  expect(await file.readAt(into, 7)).toBe(0);
});

test("a row of views is filled as far as the file goes", async () => {
  const file = new SizedFile(fileOf(9), 5);
  const views = [2, 2, 2].map((length) => new Uint8Array(length));
  expect(await file.readv(views)).toBe(5);
  expect(views.map((view) => [...view])).toEqual([
    [1, 2],
    [3, 4],
    [5, 0],
  ]);
  expect(await file.readv(views)).toBe(0);
});

test.each([false, true])("a file that was cut short is an error (late: %s)", async (isLate) => {
  const into = new Uint8Array(4);
  const reads: ((file: SizedFile) => unknown)[] = [
    (file) => file.readAt(into, 3),
    (file) => file.readv([into, new Uint8Array(1)]),
  ];
  for (const read of reads) {
    const file = new SizedFile(fileOf(4, isLate), 5);
    const failed = expect((async () => read(file))());
    await failed.rejects.toMatchObject({ code: "ENODATA" });
  }
});
