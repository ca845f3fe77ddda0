import {
  createEntry,
  createListOptions,
  type FileEntry,
  FileListSet,
} from "@tsrsync/protocol/file-list";
import { CF_INC_RECURSE } from "@tsrsync/protocol/handshake";
import { beforeEach, expect, test } from "vitest";
import type { Session } from "../session/session.js";
import { archiveOptions } from "../testing/sessions.js";
import { MemoryTree, openBelow } from "../tree/index.js";
import { type DestinationRequest, openDestination } from "./open-destination.js";

let root: MemoryTree;
let created: string[];

beforeEach(() => {
  root = new MemoryTree();
  root.makeDirectory("dir", 0o755);
  root.writeFile("file", Buffer.from("x"));
  created = [];
});

function open(
  path: string,
  entries: FileEntry[],
  changes: Parameters<typeof archiveOptions>[0] = {},
  contents: FileEntry[] | null = null,
) {
  const incremental = contents === null ? 0 : CF_INC_RECURSE;
  const lists = new FileListSet(createListOptions(32, incremental), { receiving: true });
  lists.add(entries);
  if (contents !== null) lists.add(contents, 0);
  const session = {
    options: archiveOptions(changes),
    observer: { createdDestination: (made: string) => created.push(made) },
  } as unknown as Session;
  const request: DestinationRequest = {
    place: {
      statFollowing: (inner) => root.statFollowing(inner),
      makeDirectory: (inner, mode) => root.makeDirectory(inner, mode & ~0o022),
      enter: (inner) => root.subtree(inner),
      enterAside: (_, inner) => openBelow(root, inner),
    },
    path,
    privileges: { superUser: true, groups: new Set(), umask: 0o022 },
    describe: (inner) => `"${inner}"`,
  };
  return openDestination(session, lists, request);
}

const one = () => [createEntry("x", 0o100644)];
const two = () => [createEntry("x", 0o100644), createEntry("y", 0o100644)];
const contents = () => [createEntry(".", 0o040755)];
const directory = () => [createEntry("d", 0o040755)];

test.each(["dir", "dir/", ""])("an existing directory %j is entered", async (path) => {
  const { localName, tree, isNew } = await open(path, two());
  expect(localName).toBeNull();
  expect(isNew ?? false).toBe(false);
  expect(tree.list(".")).toEqual(path === "" ? ["dir", "file"] : []);
});

test("a single file gets the name of a missing or existing destination", async () => {
  expect((await open("new", one())).localName).toBe("new");
  expect((await open("dir/new", one())).localName).toBe("new");
  expect((await open("file", one())).localName).toBe("file");
});

test.each([
  ["new", two],
  ["new/", one],
  ["new", contents],
  ["dir/new/", two],
])("a missing directory %j is made", async (path, entries) => {
  const { localName, isNew } = await open(path, entries());
  expect(localName).toBeNull();
  expect(isNew).toBe(true);
  const made = path.replace(/\/$/, "");
  expect(created).toEqual([made]);
  expect(root.stat(made)?.mode).toBe(0o040755);
});

test("a single directory whose contents come in a list of their own counts with them", async () => {
  const inside = [createEntry("d/inside", 0o100644)];
  expect((await open("new", directory(), {}, inside)).localName).toBeNull();
  expect(created).toEqual(["new"]);
  expect((await open("empty", directory(), {}, [])).localName).toBe("empty");
  const message = "ERROR: destination must be a directory when copying more than 1 file";
  await expect(open("file", directory(), {}, inside)).rejects.toMatchObject({ message });
});

test("a dry run makes nothing, and what is not there is empty", async () => {
  const { tree } = await open("new", two(), { dryRun: true });
  expect(created).toEqual(["new"]);
  expect(root.stat("new")).toBeNull();
  expect(tree.list(".")).toEqual([]);
});

test("missing parents are made with --mkpath only", async () => {
  await expect(open("a/b/c", two())).rejects.toMatchObject({ exitCode: 11 });
  await open("a/b/c", two(), { mkpath: true });
  expect(root.stat("a/b/c")?.mode).toBe(0o040755);
  await expect(open("q/new", one())).rejects.toMatchObject({ exitCode: 3 });
  expect((await open("q/new", one(), { mkpath: true })).localName).toBe("new");
});

test.each([
  ["file", two, "ERROR: destination must be a directory when copying more than 1 file"],
  ["file", directory, "ERROR: cannot overwrite non-directory with a directory"],
  ["file/", one, '[Receiver] ERROR: cannot stat destination "file/": Not a directory (20)'],
])("%j with %o is refused with 3", async (path, entries, message) => {
  await expect(open(path, entries())).rejects.toMatchObject({ exitCode: 3, message });
});
