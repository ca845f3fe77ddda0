/**
 * What the tests of the trees' contract work with.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { FileStat, FileTree } from "./file-tree.js";
import { isDirectoryMode } from "./item-type.js";

/** A place with a base, and ways to root trees in it. */
export interface ContractPlace {
  base: FileTree;
  /** A tree rooted at a directory of the base. */
  open(directory: ByteString, followLinks: boolean): FileTree;
  dispose(): void;
}

/** An implementation under test. */
export interface ContractSubject {
  name: string;
  createPlace(): ContractPlace;
  /** Whether times keep their nanoseconds; without, they keep their microseconds. */
  nanoseconds: boolean;
  /** Whether FIFOs can be made. */
  nodes: boolean;
}

/** What the tests of the contract work with; filled before each of them. */
export interface ContractContext {
  place: ContractPlace;
  /** The base of the place: `root`, `outside` with a file `secret`. */
  base: FileTree;
  /** Rooted at `root`, follows no links. */
  tree: FileTree;
  /** Rooted at `root`, follows links inside. */
  following: FileTree;
}

/** The bytes of `text`. */
export const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** Writes a file through a tree. */
export async function writeText(tree: FileTree, path: ByteString, text: string): Promise<void> {
  const file = await tree.openForUpdate(path, 0o644);
  await file.write(bytesOf(text));
  await file.truncate(text.length);
  await file.close();
}

/** Reads a file through a tree. */
export async function readText(tree: FileTree, path: ByteString): Promise<string> {
  const file = await tree.open(path);
  const bytes = new Uint8Array(1000);
  const count = await file.read(bytes);
  await file.close();
  return Buffer.from(bytes.subarray(0, count)).toString("latin1");
}

/** The errno name of what `action` throws, now or later; `null` when it does not. */
export async function codeOf(action: () => unknown): Promise<string | null> {
  try {
    await action();
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Whether there is anything at `path`. */
export async function exists(tree: FileTree, path: ByteString): Promise<boolean> {
  return (await tree.stat(path)) !== null;
}

/** What is at `path`, where there must be something. */
export async function need(tree: FileTree, path: ByteString): Promise<FileStat> {
  const stat = await tree.stat(path);
  if (stat === null) throw new Error(`nothing at ${path}`);
  return stat;
}

/** Removes what a directory holds, one level deep. */
export async function emptyDirectory(tree: FileTree, path: ByteString): Promise<void> {
  for (const name of await tree.list(path)) {
    const child = `${path}/${name}`;
    const isDirectory = isDirectoryMode((await need(tree, child)).mode);
    await (isDirectory ? tree.removeDirectory(child) : tree.removeFile(child));
  }
}
