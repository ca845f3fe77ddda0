/**
 * The part of the trees' contract about extended attributes and ACLs.
 * @module
 */
import {
  ACCESS_ACL,
  DEFAULT_ACL,
  decodePosixAcl,
  encodePosixAcl,
} from "@tsrsync/protocol/attributes";
import { expect, test } from "vitest";
import type { ItemAttributes } from "./file-tree.js";
import { bytesOf, type ContractContext, codeOf, need, writeText } from "./tree-contract-context.js";

const NAMED = {
  user: 6,
  group: 4,
  mask: 6,
  other: 0,
  named: [{ id: 4242, isUser: true, permissions: 6, name: null }],
};

/** Defines the tests. */
export function testExtendedAttributes(context: ContractContext): void {
  const reaches = () => context.tree.reachesAttributes;

  test("where attributes can not be reached, that is said", async () => {
    const { tree } = context;
    await writeText(tree, "file", "x");
    const file = await tree.open("file");
    const expected = reaches() ? null : "ENOSYS";
    expect(await codeOf(() => tree.listAttributes("file"))).toBe(expected);
    expect(await codeOf(() => tree.getAttribute("file", "user.x"))).toBe(expected);
    expect(await codeOf(() => tree.setAttribute("file", "user.x", bytesOf("1")))).toBe(expected);
    expect(await codeOf(() => tree.removeAttribute("file", "user.x"))).toBe(expected);
    expect(await codeOf(() => file.listAttributes())).toBe(expected);
    await file.close();
  });

  test("attributes are set, listed, replaced and removed, on items and open files", async () => {
    const { tree } = context;
    if (!reaches()) return;
    await writeText(tree, "file", "x");
    await tree.makeDirectory("directory", 0o755);
    const file = await tree.openForUpdate("file", 0o600);
    const targets: ItemAttributes[] = [
      file,
      attributesOf(context, "file"),
      attributesOf(context, "directory"),
      attributesOf(context, ""),
    ];
    for (const item of targets) {
      expect(await item.getAttribute("user.one")).toBeNull();
      await item.removeAttribute("user.one");
      await item.setAttribute("user.one", bytesOf("1"));
      await item.setAttribute("user.empty", bytesOf(""));
      await item.setAttribute("user.big", new Uint8Array(2000).fill(7));
      await item.setAttribute("user.one", bytesOf("another"));
      expect([...(await item.listAttributes())].sort()).toEqual([
        "user.big",
        "user.empty",
        "user.one",
      ]);
      expect(await item.getAttribute("user.one")).toEqual(bytesOf("another"));
      expect(await item.getAttribute("user.empty")).toEqual(bytesOf(""));
      expect(await item.getAttribute("user.big")).toEqual(new Uint8Array(2000).fill(7));
      for (const name of ["user.one", "user.empty", "user.big"]) await item.removeAttribute(name);
      expect(await item.listAttributes()).toEqual([]);
    }
    await file.close();
  });

  test("attributes of what is not there, or of an unknown kind", async () => {
    const { tree } = context;
    if (!reaches()) return;
    await writeText(tree, "file", "x");
    expect(await codeOf(() => tree.listAttributes("nothing"))).toBe("ENOENT");
    expect(await codeOf(() => tree.getAttribute("nothing/x", "user.x"))).toBe("ENOENT");
    expect(await codeOf(() => tree.setAttribute("nothing", "user.x", bytesOf("1")))).toBe("ENOENT");
    expect(await codeOf(() => tree.setAttribute("file", "nonsense", bytesOf("1")))).toBe("ENOTSUP");
  });

  test("a link is not followed", async () => {
    const { tree, base } = context;
    if (!reaches()) return;
    await writeText(tree, "file", "x");
    await tree.setAttribute("file", "user.x", bytesOf("1"));
    await tree.makeSymlink("link", "file");
    await tree.makeSymlink("out", "../outside");
    expect(await tree.listAttributes("link")).toEqual([]);
    expect(await codeOf(() => tree.setAttribute("link", "user.x", bytesOf("2")))).toBe("EPERM");
    expect(await tree.getAttribute("file", "user.x")).toEqual(bytesOf("1"));
    const outcome = await codeOf(() => tree.setAttribute("out/secret", "user.x", bytesOf("2")));
    expect(outcome).toBe("ELOOP");
    expect(await base.listAttributes("outside/secret")).toEqual([]);
  });

  test("an access ACL and the mode are of one piece", async () => {
    const { tree } = context;
    if (!reaches()) return;
    await writeText(tree, "file", "x");
    await tree.setAttribute("file", ACCESS_ACL, encodePosixAcl(NAMED));
    expect((await need(tree, "file")).mode & 0o777).toBe(0o660);
    await tree.setMode("file", 0o751);
    const value = await tree.getAttribute("file", ACCESS_ACL);
    expect(decodePosixAcl(value!)).toEqual({ ...NAMED, user: 7, mask: 5, other: 1 });
    const minimal = { user: 6, group: 4, mask: -1, other: 4, named: [] };
    await tree.setAttribute("file", ACCESS_ACL, encodePosixAcl(minimal));
    expect(await tree.getAttribute("file", ACCESS_ACL)).toBeNull();
    expect((await need(tree, "file")).mode & 0o777).toBe(0o644);
    const set = () => tree.setAttribute("file", ACCESS_ACL, bytesOf("nonsense"));
    expect(await codeOf(set)).not.toBeNull();
  });

  test("a default ACL is a directory's", async () => {
    const { tree } = context;
    if (!reaches()) return;
    await tree.makeDirectory("directory", 0o755);
    await writeText(tree, "file", "x");
    await tree.setAttribute("directory", DEFAULT_ACL, encodePosixAcl(NAMED));
    expect(decodePosixAcl((await tree.getAttribute("directory", DEFAULT_ACL))!)).toEqual(NAMED);
    await tree.removeAttribute("directory", DEFAULT_ACL);
    expect(await tree.getAttribute("directory", DEFAULT_ACL)).toBeNull();
    const set = () => tree.setAttribute("file", DEFAULT_ACL, encodePosixAcl(NAMED));
    expect(await codeOf(set)).toBe("EACCES");
  });
}

function attributesOf({ tree }: ContractContext, path: string): ItemAttributes {
  return {
    listAttributes: () => tree.listAttributes(path),
    getAttribute: (name) => tree.getAttribute(path, name),
    setAttribute: (name, value) => tree.setAttribute(path, name, value),
    removeAttribute: (name) => tree.removeAttribute(path, name),
  };
}
