/**
 * The part of the trees' contract about owners, permissions and times.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { expect, test } from "vitest";
import {
  type ContractContext,
  type ContractSubject,
  codeOf,
  need,
  writeText,
} from "./tree-contract-context.js";

/** Defines the tests. */
export function testAttributes(context: ContractContext, subject: ContractSubject): void {
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
