/**
 * The part of the trees' contract that says what can not be reached.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { describe, expect, test } from "vitest";
import type { FileTree } from "./file-tree.js";
import { isDirectoryMode, isLinkMode, isRegularMode } from "./item-type.js";
import {
  type ContractContext,
  codeOf,
  emptyDirectory,
  exists,
  readText,
  writeText,
} from "./tree-contract-context.js";

const MOMENT = { seconds: 1, nanoseconds: 2 };

/** Links that would leave the root, put at `way`; the last one leaves and comes back. */
const WAYS_OUT: readonly ByteString[] = [
  "/",
  "/tmp",
  "..",
  "../outside",
  "in/../../outside",
  "../root",
];

/** Everything that can be done to an item. */
function actionsOn(tree: FileTree, path: ByteString): Record<string, () => unknown> {
  return {
    stat: () => tree.stat(path),
    statFollowing: () => tree.statFollowing(path),
    list: () => tree.list(path),
    readLink: () => tree.readLink(path),
    open: () => tree.open(path),
    openForUpdate: () => tree.openForUpdate(path, 0o666),
    createTemporary: () => tree.createTemporary(path, 0o666),
    makeDirectory: () => tree.makeDirectory(path, 0o777),
    makeSymlink: () => tree.makeSymlink(path, "x"),
    makeHardLink: () => tree.makeHardLink(path, "bait"),
    hardLinkFrom: () => tree.makeHardLink("prey", path),
    rename: () => tree.rename(path, "prey"),
    renameTo: () => tree.rename("bait", path),
    removeFile: () => tree.removeFile(path),
    removeDirectory: () => tree.removeDirectory(path),
    setOwner: () => tree.setOwner(path, 1, 1),
    setMode: () => tree.setMode(path, 0o777),
    setTimes: () => tree.setTimes(path, MOMENT, MOMENT),
    subtree: () => tree.subtree(path),
  };
}

/** All that can be seen of a directory and what it holds, but for access times. */
async function pictureOf(base: FileTree, path: ByteString): Promise<unknown[]> {
  const picture: unknown[] = [];
  for (const item of [path, ...(await base.list(path)).map((name) => `${path}/${name}`)]) {
    const stat = await base.stat(item);
    if (stat === null) continue;
    const { atime, atimeNs, ...seen } = stat;
    const content = isRegularMode(stat.mode) ? await readText(base, item) : "";
    picture.push([item, seen, content]);
  }
  return picture;
}

/** Defines the tests. */
export function testConfinement(context: ContractContext): void {
  describe("confinement", () => {
    testWaysOut(context);
    testLinksInside(context);
    testLinksAtTheEnd(context);
    testRaces(context);
  });
}

function testWaysOut(context: ContractContext): void {
  test.each(WAYS_OUT)("nothing is reached through a link to %j, not even a look", async (way) => {
    const { base, tree, following } = context;
    await tree.makeDirectory("in", 0o755);
    await writeText(tree, "bait", "bait");
    await base.makeSymlink("root/way", way);
    const before = await pictureOf(base, "outside");
    for (const confined of [tree, following]) {
      for (const [name, action] of Object.entries(actionsOn(confined, "way/secret"))) {
        expect([name, await codeOf(action)]).toEqual([name, "ELOOP"]);
      }
      for (const open of ["list", "subtree", "statFollowing"]) {
        expect([open, await codeOf(actionsOn(confined, "way")[open]!)]).toEqual([open, "ELOOP"]);
      }
    }
    expect(await pictureOf(base, "outside")).toEqual(before);
    expect(await exists(tree, "prey")).toBe(false);
  });

  test("a subtree is a border of its own", async () => {
    const { following } = context;
    await following.makeDirectory("d", 0o755);
    await writeText(following, "file", "x");
    await following.makeSymlink("d/up", "../file");
    await following.makeSymlink("d/way", "..");
    expect(await readText(following, "d/way/file")).toBe("x");
    const below = await following.subtree("d");
    expect(await codeOf(() => below.open("way/file"))).toBe("ELOOP");
    expect(await codeOf(() => below.statFollowing("up"))).toBe("ELOOP");
    await below.close();
  });
}

function testLinksInside(context: ContractContext): void {
  const build = async (): Promise<void> => {
    const { tree } = context;
    await tree.makeDirectory("real", 0o755);
    await tree.makeDirectory("real/deep", 0o755);
    await writeText(tree, "real/deep/file", "x");
    await tree.makeSymlink("plain", "real");
    await tree.makeSymlink("real/deep/climbing", "../../plain/deep/");
    await tree.makeSymlink("round", "round");
    await tree.makeSymlink("dangling", "nothing");
  };

  test("links inside lead on for who follows", async () => {
    await build();
    const { following } = context;
    expect(await readText(following, "plain/deep/file")).toBe("x");
    expect(await readText(following, "plain/deep/climbing/climbing/file")).toBe("x");
    expect([...(await following.list("plain"))]).toEqual(["deep"]);
    const below = await following.subtree("plain");
    expect(await readText(below, "deep/file")).toBe("x");
    await below.close();
    expect(await codeOf(() => following.open("round/file"))).toBe("ELOOP");
    expect(await codeOf(() => following.open("dangling/file"))).toBe("ENOENT");
    await writeText(following, "plain/deep/new", "y");
    expect(await readText(following, "real/deep/new")).toBe("y");
  });

  test("links inside are refused on the way for who does not follow", async () => {
    await build();
    const { tree } = context;
    await writeText(tree, "bait", "bait");
    for (const [name, action] of Object.entries(actionsOn(tree, "plain/deep"))) {
      expect([name, await codeOf(action)]).toEqual([name, "ELOOP"]);
    }
    expect(await codeOf(() => tree.list("plain"))).toBe("ELOOP");
    expect(await codeOf(() => tree.subtree("plain"))).toBe("ELOOP");
  });

  test("a link that changes its target leads to the new one", async () => {
    await build();
    const { following } = context;
    await following.makeDirectory("other", 0o755);
    expect(await exists(following, "plain/deep")).toBe(true);
    await following.removeFile("plain");
    await following.makeSymlink("plain", "other");
    expect(await exists(following, "plain/deep")).toBe(false);
    await following.makeSymlink("temporary", "real");
    await following.rename("temporary", "plain");
    expect(await exists(following, "plain/deep")).toBe(true);
  });
}

function testLinksAtTheEnd(context: ContractContext): void {
  test("a link at the end is told of, moved and removed, never followed", async () => {
    const { base, tree, following } = context;
    for (const confined of [tree, following]) {
      await writeText(base, "outside/secret", "secret");
      await base.makeSymlink("root/link", "../outside/secret");
      const before = await pictureOf(base, "outside");
      const actions = actionsOn(confined, "link");
      for (const name of ["open", "openForUpdate", "setMode", "statFollowing"]) {
        expect([name, await codeOf(actions[name]!)]).toEqual([name, "ELOOP"]);
      }
      for (const name of ["makeDirectory", "makeSymlink"]) {
        expect([name, await codeOf(actions[name]!)]).toEqual([name, "EEXIST"]);
      }
      expect(isLinkMode((await confined.stat("link"))?.mode ?? 0)).toBe(true);
      await confined.setTimes("link", MOMENT, MOMENT);
      expect((await confined.stat("link"))?.mtime).toBe(1);
      const temporary = await confined.createTemporary("link", 0o644);
      await temporary.file.close();
      await confined.rename(temporary.path, "link");
      expect(isRegularMode((await confined.stat("link"))?.mode ?? 0)).toBe(true);
      await confined.removeFile("link");
      expect(await pictureOf(base, "outside")).toEqual(before);
    }
  });

  test("a link inside is followed to its end by statFollowing alone", async () => {
    const { tree, following } = context;
    await tree.makeDirectory("d", 0o755);
    await writeText(tree, "d/file", "1234");
    await tree.makeSymlink("link", "second");
    await tree.makeSymlink("second", "d/file");
    await tree.makeSymlink("directory", "d");
    await tree.makeSymlink("dangling", "nothing");
    for (const confined of [tree, following]) {
      expect((await confined.statFollowing("link"))?.size).toBe(4);
      expect(isDirectoryMode((await confined.statFollowing("directory"))?.mode ?? 0)).toBe(true);
      expect(await confined.statFollowing("dangling")).toBeNull();
      expect((await confined.statFollowing("d/file"))?.size).toBe(4);
      expect(await codeOf(() => confined.open("link"))).toBe("ELOOP");
    }
  });
}

function testRaces(context: ContractContext): void {
  test("a parent swapped for a link between two operations redirects none", async () => {
    const { base, place } = context;
    await writeText(base, "root/bait", "bait");
    for (const followLinks of [false, true]) {
      const names = Object.keys(actionsOn(base, "d/secret"));
      for (const name of names) {
        await base.makeDirectory("root/d", 0o755);
        const confined = place.open("root", followLinks);
        await confined.stat("d/secret");
        const before = await pictureOf(base, "outside");
        await base.rename("root/d", "root/moved");
        await base.makeSymlink("root/d", "../outside");
        await codeOf(actionsOn(confined, "d/secret")[name]!);
        expect([name, await pictureOf(base, "outside")]).toEqual([name, before]);
        await confined.close();
        await emptyDirectory(base, "root/moved");
        await base.removeDirectory("root/moved");
        await base.removeFile("root/d");
        if (!(await exists(base, "root/bait"))) await writeText(base, "root/bait", "bait");
        if (await exists(base, "root/prey")) await base.removeFile("root/prey");
      }
    }
  });

  test("a swapped parent is noticed before long", async () => {
    const { base, tree } = context;
    await base.makeDirectory("root/d", 0o755);
    await tree.stat("d/secret");
    await base.rename("root/d", "root/moved");
    await base.makeSymlink("root/d", "../outside");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await codeOf(() => tree.stat("d/secret"))).toBe("ELOOP");
  });
}
