import { loadListHash } from "@tsrsync/protocol/checksum";
import { encodeByteString } from "@tsrsync/protocol/wire";
import { expect, test } from "vitest";
import type { Session } from "../session/session.js";
import type { FileTree, TreeFile } from "../tree/file-tree.js";
import { MemoryTree } from "../tree/memory-tree.js";
import { hashAtOnce, hashFile } from "./list-hash.js";

const CHUNK = 256 << 10;

async function sessionWithHash(): Promise<Session> {
  const listHash = await loadListHash("md5", 31);
  return { listHash, options: { openNoatime: false } } as unknown as Session;
}

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31) % 251);
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = await loadListHash("md5", 31);
  hash.reset();
  hash.update(bytes);
  return Buffer.from(hash.digest()).toString("latin1");
}

/** The same tree, whose files are opened later. */
function later(tree: MemoryTree): FileTree {
  const open = (path: string): Promise<TreeFile> => Promise.resolve(tree.open(path));
  return { synchronous: false, open } as unknown as FileTree;
}

test.each([0, 1, 5000, CHUNK, CHUNK + 1, 3 * CHUNK])(
  "%i bytes have one digest, read at once or in turns",
  async (length) => {
    const tree = new MemoryTree();
    const bytes = bytesOf(length);
    tree.writeFile("file", bytes, 0o644);
    const expected = await digestOf(bytes);
    const session = await sessionWithHash();
    expect(await hashFile(session, tree, "file", length)).toBe(expected);
    expect(await hashFile(session, later(tree), "file", length)).toBe(expected);
  },
);

test("what is small is hashed without a promise, what is large is not", async () => {
  const tree = new MemoryTree();
  tree.writeFile("file", encodeByteString("some content"), 0o644);
  const session = await sessionWithHash();
  expect(hashAtOnce(session, tree, "file", 12)).toBe(
    await digestOf(encodeByteString("some content")),
  );
  expect(hashAtOnce(session, tree, "file", CHUNK + 1)).toBeUndefined();
  expect(hashAtOnce(session, later(tree), "file", 12)).toBeUndefined();
});

test("what a file has beyond the size that was listed does not count; what it lacks is missing", async () => {
  const tree = new MemoryTree();
  tree.writeFile("file", encodeByteString("some content"), 0o644);
  const session = await sessionWithHash();
  const part = await digestOf(encodeByteString("some"));
  expect(await hashFile(session, tree, "file", 4)).toBe(part);
  expect(await hashFile(session, later(tree), "file", 4)).toBe(part);
  const whole = await digestOf(encodeByteString("some content"));
  expect(await hashFile(session, tree, "file", 20)).toBe(whole);
  expect(await hashFile(session, later(tree), "file", 20)).toBe(whole);
});

test("a file that is not there has no digest", async () => {
  const session = await sessionWithHash();
  const tree = new MemoryTree();
  expect(await hashFile(session, tree, "file", 1)).toBeNull();
  expect(await hashFile(session, later(tree), "file", 1)).toBeNull();
});
