/**
 * What every {@link FileTree} must do, as tests. Not part of the public face.
 *
 * All of it is told through trees: a *base* that holds the directories `root` and `outside`, and trees under test that
 * are rooted at `root`. The base serves as the other user of the machine, who swaps directories for links.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileStat, FileTree } from "./file-tree.js";
import { isDirectoryMode, isLinkMode, isRegularMode, S_IFMT } from "./item-type.js";
import { testConfinement } from "./tree-contract-confinement.js";

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

async function need(tree: FileTree, path: ByteString): Promise<FileStat> {
  const stat = await tree.stat(path);
  if (stat === null) throw new Error(`nothing at ${path}`);
  return stat;
}

/** Defines the tests. */
export function testTreeContract(subject: ContractSubject): void {
  describe(subject.name, () => {
    const context = {} as ContractContext;
    beforeEach(async () => {
      const place = subject.createPlace();
      await place.base.makeDirectory("root", 0o755);
      await place.base.makeDirectory("outside", 0o755);
      await writeText(place.base, "outside/secret", "secret");
      context.place = place;
      context.base = place.base;
      context.tree = place.open("root", false);
      context.following = place.open("root", true);
    });
    afterEach(async () => {
      await context.tree.close();
      await context.following.close();
      context.place.dispose();
    });
    testItems(context, subject);
    testFiles(context);
    testNames(context);
    testRemoval(context);
    testAttributes(context, subject);
    testTemporaries(context);
    testSubtrees(context);
    testConfinement(context);
  });
}

function testItems(context: ContractContext, subject: ContractSubject): void {
  test("the root is a directory by both its names", async () => {
    const { tree } = context;
    expect(isDirectoryMode((await need(tree, "")).mode)).toBe(true);
    expect((await need(tree, ".")).ino).toBe((await need(tree, "")).ino);
  });

  test("what is not there is null, what lies below a file is an error", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    expect(await tree.stat("nothing")).toBeNull();
    expect(await tree.stat("nothing/below")).toBeNull();
    expect(await tree.statFollowing("nothing")).toBeNull();
    expect(await codeOf(() => tree.stat("file/below"))).toBe("ENOTDIR");
  });

  test("directories, files and links are told apart and listed", async () => {
    const { tree } = context;
    await tree.makeDirectory("directory", 0o755);
    await writeText(tree, "directory/file", "1234");
    await tree.makeSymlink("directory/link", "to nowhere");
    expect([...(await tree.list("directory"))].sort()).toEqual(["file", "link"]);
    expect([...(await tree.list(""))]).toEqual(["directory"]);
    const file = await need(tree, "directory/file");
    const link = await need(tree, "directory/link");
    expect(isRegularMode(file.mode) && file.size === 4 && file.nlink === 1).toBe(true);
    expect(isLinkMode(link.mode) && link.size === "to nowhere".length).toBe(true);
    expect(await tree.readLink("directory/link")).toBe("to nowhere");
    expect(await codeOf(() => tree.readLink("directory/file"))).toBe("EINVAL");
    expect(await codeOf(() => tree.list("directory/file"))).toBe("ENOTDIR");
    expect(await codeOf(() => tree.list("nothing"))).toBe("ENOENT");
  });

  test("a directory of a thousand long names is listed whole", async () => {
    const { tree } = context;
    const names = Array.from({ length: 1000 }, (_, index) => `${"n".repeat(200)}${index}`);
    for (const name of names) await tree.makeSymlink(name, "x");
    expect([...(await tree.list("."))].sort()).toEqual(names.sort());
  });

  test("a hard link is a second name of the item, also of a link", async () => {
    const { tree } = context;
    await writeText(tree, "one", "x");
    await tree.makeHardLink("two", "one");
    expect((await need(tree, "two")).ino).toBe((await need(tree, "one")).ino);
    expect((await need(tree, "two")).nlink).toBe(2);
    await tree.makeSymlink("link", "one");
    await tree.makeHardLink("again", "link");
    expect(await tree.readLink("again")).toBe("one");
    expect(await codeOf(() => tree.makeHardLink("two", "one"))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeHardLink("three", "nothing"))).toBe("ENOENT");
  });

  test("making what is there already is refused", async () => {
    const { tree } = context;
    await tree.makeDirectory("here", 0o755);
    expect(await codeOf(() => tree.makeDirectory("here", 0o755))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeSymlink("here", "x"))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeDirectory("", 0o755))).toBe("EEXIST");
    expect(await codeOf(() => tree.makeDirectory("not/here", 0o755))).toBe("ENOENT");
    expect(await codeOf(() => tree.makeSymlink("link", ""))).toBe("ENOENT");
    expect(await codeOf(() => tree.makeSymlink("link", "a\0b"))).toBe("EINVAL");
  });

  test.runIf(subject.nodes)("a FIFO is made, told apart and never opened", async () => {
    const { tree } = context;
    await tree.makeNode("fifo", 0o010640, 0, 0);
    expect((await need(tree, "fifo")).mode & S_IFMT).toBe(0o010000);
    expect(await codeOf(() => tree.open("fifo"))).toBe("EINVAL");
    expect(await codeOf(() => tree.makeNode("fifo", 0o010640, 0, 0))).toBe("EEXIST");
  });

  test.runIf(!subject.nodes)("a FIFO can not be made, and that is said", async () => {
    expect(await codeOf(() => context.tree.makeNode("fifo", 0o010640, 0, 0))).toBe("ENOSYS");
  });
}

function testFiles(context: ContractContext): void {
  test("a file is read and written at its position and at others", async () => {
    const { tree } = context;
    const { file, path } = await tree.createTemporary("file", 0o644);
    await file.write(bytesOf("0123456789"));
    await file.writeAt(bytesOf("ab"), 2);
    await file.write(bytesOf("X"));
    const three = new Uint8Array(3);
    expect(await file.readAt(three, 1)).toBe(3);
    expect(Buffer.from(three).toString()).toBe("1ab");
    expect(await file.readAt(three, 10)).toBe(1);
    expect(await file.readAt(three, 50)).toBe(0);
    expect((await file.stat()).size).toBe(11);
    await file.sync();
    await file.close();
    expect(await readText(tree, path)).toBe("01ab456789X");
  });

  test("views are filled and written in order", async () => {
    const { tree } = context;
    const { file, path } = await tree.createTemporary("file", 0o644);
    await file.writev([]);
    await file.writev([bytesOf(""), bytesOf("abc"), bytesOf(""), bytesOf("defgh")]);
    await file.close();
    const views = [new Uint8Array(2), new Uint8Array(0), new Uint8Array(4), new Uint8Array(9)];
    const reader = await tree.open(path);
    expect(await reader.readv(views)).toBe(8);
    expect(await reader.readv(views)).toBe(0);
    await reader.close();
    expect(views.map((view) => Buffer.from(view).toString("latin1"))).toEqual([
      "ab",
      "",
      "cdef",
      "gh\0\0\0\0\0\0\0",
    ]);
  });

  test("more views than one system call takes are all written and read", async () => {
    const { tree } = context;
    const views = Array.from({ length: 2500 }, (_, index) => Uint8Array.of(index, index >> 8));
    const { file, path } = await tree.createTemporary("file", 0o644);
    await file.writev(views);
    await file.close();
    const read = views.map((view) => new Uint8Array(view.length));
    const reader = await tree.open(path);
    expect(await reader.readv(read)).toBe(5000);
    await reader.close();
    expect(Buffer.concat(read).equals(Buffer.concat(views))).toBe(true);
  });

  test("a file is updated in place, cut, and grown with zeros", async () => {
    const { tree } = context;
    await writeText(tree, "file", "0123456789");
    const before = await need(tree, "file");
    const file = await tree.openForUpdate("file", 0o600);
    await file.writeAt(bytesOf("ab"), 4);
    await file.truncate(7);
    await file.truncate(9);
    await file.close();
    expect(await readText(tree, "file")).toBe("0123ab6\0\0");
    expect((await need(tree, "file")).ino).toBe(before.ino);
    expect((await need(tree, "file")).mode).toBe(before.mode);
  });

  test("only regular files are opened", async () => {
    const { tree } = context;
    await tree.makeDirectory("directory", 0o755);
    for (const open of [
      (path: string) => tree.open(path),
      (path: string) => tree.openForUpdate(path, 0o644),
    ]) {
      expect(await codeOf(() => open("directory"))).toBe("EISDIR");
      expect(await codeOf(() => open(""))).toBe("EISDIR");
    }
    expect(await codeOf(() => tree.open("nothing"))).toBe("ENOENT");
    expect(await codeOf(() => tree.openForUpdate("no/directory", 0o644))).toBe("ENOENT");
  });
}

const ODD_NAMES: readonly ByteString[] = [
  "new\nline",
  "\xff\xfe not UTF-8",
  "gr\xc3\xbc\xc3\x9fe",
  "n".repeat(255),
  "\xc3".repeat(255),
  "...",
  ".hidden",
  " ",
  "-rf",
  "\x01\x7f\\\"'*",
];

function testNames(context: ContractContext): void {
  test.each(ODD_NAMES)("the name %j is kept byte for byte", async (name) => {
    const { tree } = context;
    await tree.makeDirectory(name, 0o755);
    const path = `${name}/${name}`;
    await writeText(tree, path, "x");
    await tree.makeSymlink(`${name}/link`, name);
    expect([...(await tree.list(""))]).toEqual([name]);
    expect([...(await tree.list(name))].sort()).toEqual([name, "link"].sort());
    expect(await tree.readLink(`${name}/link`)).toBe(name);
    expect(await readText(tree, path)).toBe("x");
    await tree.rename(path, "elsewhere");
    expect(await readText(tree, "elsewhere")).toBe("x");
  });

  test("a name that is too long is refused", async () => {
    const { tree } = context;
    const name = "n".repeat(256);
    expect(await codeOf(() => tree.stat(name))).toBe("ENAMETOOLONG");
    expect(await codeOf(() => tree.makeDirectory(name, 0o755))).toBe("ENAMETOOLONG");
  });

  const refused = ["/", "/etc", "..", "../outside", "a/..", "a/../b", "a//b", "a/", "a\0b"];
  test.each([...refused, "\u012e\u012e", "\u012f"])("the path %j is refused", async (path) => {
    const { tree } = context;
    await tree.makeDirectory("a", 0o755);
    for (const action of [
      () => tree.stat(path),
      () => tree.statFollowing(path),
      () => tree.list(path),
      () => tree.open(path),
      () => tree.createTemporary(path, 0o644),
      () => tree.makeDirectory(path, 0o755),
      () => tree.rename("a", path),
      () => tree.rename(path, "b"),
      () => tree.removeDirectory(path),
      () => tree.subtree(path),
    ]) {
      expect(await codeOf(action)).toBe("EINVAL");
    }
  });

  test("components that mean nothing are taken", async () => {
    const { tree } = context;
    await tree.makeDirectory("./a", 0o755);
    await writeText(tree, "./a/./file", "x");
    expect(await readText(tree, "a/file")).toBe("x");
    expect([...(await tree.list("./a"))]).toEqual(["file"]);
  });
}

function testRemoval(context: ContractContext): void {
  test("files and directories go by their own calls", async () => {
    const { tree } = context;
    await tree.makeDirectory("directory", 0o755);
    await writeText(tree, "directory/file", "x");
    expect(await codeOf(() => tree.removeDirectory("directory"))).toBe("ENOTEMPTY");
    expect(await codeOf(() => tree.removeDirectory("directory/file"))).toBe("ENOTDIR");
    expect(await codeOf(() => tree.removeFile("directory"))).toMatch(/^(EISDIR|EPERM)$/);
    await tree.removeFile("directory/file");
    await tree.removeDirectory("directory");
    expect([...(await tree.list(""))]).toEqual([]);
    expect(await codeOf(() => tree.removeFile("directory"))).toBe("ENOENT");
    expect(await codeOf(() => tree.removeDirectory(""))).toBe("EINVAL");
  });

  test("a rename replaces files, but no directory by a file nor a full one", async () => {
    const { tree } = context;
    await writeText(tree, "one", "1");
    await writeText(tree, "two", "2");
    await tree.rename("one", "two");
    expect(await readText(tree, "two")).toBe("1");
    expect(await exists(tree, "one")).toBe(false);
    await tree.makeDirectory("full", 0o755);
    await writeText(tree, "full/file", "x");
    await tree.makeDirectory("empty", 0o755);
    expect(await codeOf(() => tree.rename("two", "full"))).toBe("EISDIR");
    expect(await codeOf(() => tree.rename("full", "two"))).toBe("ENOTDIR");
    expect(await codeOf(() => tree.rename("empty", "full"))).toBe("ENOTEMPTY");
    expect(await codeOf(() => tree.rename("full", "full/below"))).toBe("EINVAL");
    expect(await codeOf(() => tree.rename("nothing", "two"))).toBe("ENOENT");
    await tree.rename("full", "empty");
    expect(await readText(tree, "empty/file")).toBe("x");
  });

  test("a name leads to what has it now, whatever had it before", async () => {
    for (const kind of ["tree", "following"] as const) {
      const tree = context[kind];
      await tree.makeDirectory("a", 0o755);
      await tree.makeDirectory("a/b", 0o755);
      await writeText(tree, "a/b/file", "old");
      await tree.rename("a", "moved");
      expect(await tree.stat("a/b/file")).toBeNull();
      await tree.makeDirectory("a", 0o755);
      await tree.makeDirectory("a/b", 0o755);
      await writeText(tree, "a/b/file", "new");
      expect(await readText(tree, "moved/b/file")).toBe("old");
      await tree.removeFile("a/b/file");
      await tree.removeDirectory("a/b");
      await tree.makeDirectory("a/b", 0o755);
      await writeText(tree, "a/b/file", "newer");
      expect(await readText(tree, "a/b/file")).toBe("newer");
      await tree.rename("a", `a of ${kind}`);
      await tree.rename("moved", `moved of ${kind}`);
    }
  });

  test("a directory that somebody else removed and made again is found", async () => {
    const { tree, base } = context;
    await tree.makeDirectory("d", 0o755);
    for (const use of [
      () => writeText(tree, "d/file", "x"),
      () => tree.makeDirectory("d/file", 0o755),
      () => tree.list("d"),
      async () => (await tree.createTemporary("d/file", 0o644)).file.close(),
      () => tree.rename("here", "d/file"),
    ]) {
      await writeText(tree, "here", "x");
      expect(await tree.stat("d/file")).toBeNull();
      await base.removeDirectory("root/d");
      await base.makeDirectory("root/d", 0o755);
      await use();
      await emptyDirectory(base, "root/d");
    }
    await base.removeDirectory("root/d");
    await base.makeDirectory("root/d", 0o755);
    await writeText(base, "root/d/file", "x");
    expect(await exists(tree, "d/file")).toBe(true);
  });
}

async function emptyDirectory(tree: FileTree, path: ByteString): Promise<void> {
  for (const name of await tree.list(path)) {
    const child = `${path}/${name}`;
    const isDirectory = isDirectoryMode((await need(tree, child)).mode);
    await (isDirectory ? tree.removeDirectory(child) : tree.removeFile(child));
  }
}

function testAttributes(context: ContractContext, subject: ContractSubject): void {
  const moment = (seconds: number, nanoseconds: number) => ({
    seconds,
    nanoseconds: subject.nanoseconds ? nanoseconds : 0,
  });
  const access = moment(1_000_000_001, 999_999_999);
  const modification = moment(1_700_000_000, 123_456_789);
  const distantPast = moment(-86_400, 1);
  const distantFuture = moment(4_300_000_000, 5);

  const expectTimes = async (path: ByteString, atime: typeof access, mtime: typeof access) => {
    const stat = await need(context.tree, path);
    expect([stat.atime, stat.atimeNs]).toEqual([atime.seconds, atime.nanoseconds]);
    expect([stat.mtime, stat.mtimeNs]).toEqual([mtime.seconds, mtime.nanoseconds]);
  };

  test("times are kept on files, directories and links", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    await tree.makeDirectory("directory", 0o755);
    await tree.makeSymlink("link", "file");
    for (const path of ["file", "directory", "link", ""]) {
      await tree.setTimes(path, access, modification);
      await expectTimes(path, access, modification);
      await tree.setTimes(path, null, distantPast);
      await expectTimes(path, access, distantPast);
      await tree.setTimes(path, distantFuture, distantFuture);
      await expectTimes(path, distantFuture, distantFuture);
    }
    expect(await codeOf(() => tree.setTimes("nothing", null, access))).toBe("ENOENT");
  });

  test("times are kept through an open file", async () => {
    const { file, path } = await context.tree.createTemporary("file", 0o644);
    await file.setTimes(access, modification);
    await expectTimes(path, access, modification);
    await file.setTimes(null, distantFuture);
    await expectTimes(path, access, distantFuture);
    await file.close();
  });

  test("permissions are set on items and open files, never through a link", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    await tree.makeDirectory("directory", 0o700);
    await tree.makeSymlink("link", "file");
    await tree.setMode("file", 0o4751);
    await tree.setMode("directory", 0o1750);
    expect((await need(tree, "file")).mode & 0o7777).toBe(0o4751);
    expect((await need(tree, "directory")).mode & 0o7777).toBe(0o1750);
    expect(await codeOf(() => tree.setMode("link", 0o777))).toBe("ELOOP");
    expect((await need(tree, "file")).mode & 0o7777).toBe(0o4751);
    expect(await codeOf(() => tree.setMode("nothing", 0o777))).toBe("ENOENT");
    const file = await tree.openForUpdate("file", 0o600);
    await file.setMode(0o640);
    expect((await file.stat()).mode & 0o7777).toBe(0o640);
    await file.close();
  });

  const mayChown = process.getuid?.() === 0;
  test.runIf(mayChown)("owners are set on items, links and open files, and -1 keeps", async () => {
    const { tree } = context;
    const owner = async (path: ByteString) => {
      const { uid, gid } = await need(tree, path);
      return [uid, gid];
    };
    await writeText(tree, "file", "x");
    const before = await owner("file");
    await tree.makeSymlink("link", "file");
    await tree.setOwner("link", 1234, 4321);
    expect(await owner("link")).toEqual([1234, 4321]);
    expect(await owner("file")).toEqual(before);
    await tree.setOwner("link", -1, 77);
    expect(await owner("link")).toEqual([1234, 77]);
    const file = await tree.openForUpdate("file", 0o600);
    await file.setOwner(88, -1);
    await file.close();
    expect(await owner("file")).toEqual([88, before[1]]);
  });
}

function testTemporaries(context: ContractContext): void {
  test("a temporary file lies beside its future place, private and new", async () => {
    const { tree } = context;
    await tree.makeDirectory("d", 0o755);
    const { file, path } = await tree.createTemporary("d/file", 0o4447);
    expect(path).toMatch(/^d\/\.file\.[a-zA-Z0-9]{6}$/);
    expect((await file.stat()).mode & 0o7777).toBe(0o600);
    await file.write(bytesOf("new"));
    await file.close();
    await tree.rename(path, "d/file");
    expect(await readText(tree, "d/file")).toBe("new");
    expect([...(await tree.list("d"))]).toEqual(["file"]);
  });

  test("the longest names have temporary files too", async () => {
    for (const name of ["n".repeat(255), "\xc3\xbc".repeat(127)]) {
      const { file, path } = await context.tree.createTemporary(name, 0o644);
      expect(path.length).toBeLessThanOrEqual(255);
      await file.close();
    }
  });

  test("a thousand temporary files for one name are a thousand files", async () => {
    const paths = new Set<ByteString>();
    for (let i = 0; i < 1000; i++) {
      const { file, path } = await context.tree.createTemporary("same", 0o644);
      await file.close();
      paths.add(path);
    }
    expect(paths.size).toBe(1000);
  });

  test("there is none for the root, nor in a directory that is missing", async () => {
    const { tree } = context;
    expect(await codeOf(() => tree.createTemporary("", 0o644))).toBe("EINVAL");
    expect(await codeOf(() => tree.createTemporary("d/file", 0o644))).toBe("ENOENT");
  });
}

function testSubtrees(context: ContractContext): void {
  test("a subtree is the same items under shorter names, and outlives its tree", async () => {
    const { place } = context;
    const tree = place.open("root", false);
    await tree.makeDirectory("d", 0o755);
    await tree.makeDirectory("d/e", 0o755);
    const below = await tree.subtree("d");
    const same = await tree.subtree("");
    await tree.close();
    await writeText(below, "e/file", "x");
    expect(await readText(same, "d/e/file")).toBe("x");
    await below.close();
    await same.close();
    await same.close();
  });

  test("a subtree needs a directory", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    expect(await codeOf(() => tree.subtree("nothing"))).toBe("ENOENT");
    expect(await codeOf(() => tree.subtree("file"))).toBe("ENOTDIR");
  });
}
