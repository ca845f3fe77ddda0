import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadLinuxCalls } from "../linux/index.js";
import { type OpenTreeOptions, openTree } from "./node-tree.js";
import { errorCode } from "./system-error.js";
import { type ContractPlace, testTreeContract } from "./tree-contract.js";

const linux = loadLinuxCalls() !== null;

function createPlace(means: NonNullable<OpenTreeOptions["means"]>): ContractPlace {
  const directory = mkdtempSync(join(tmpdir(), "tsrsync-tree-"));
  const base = openTree(directory, { followLinks: false });
  return {
    base,
    open: (path, followLinks) => openTree(`${directory}/${path}`, { followLinks, means }),
    dispose() {
      base.close();
      rmSync(directory, { recursive: true });
    },
  };
}

for (const means of ["openat2", "walk"] as const) {
  describe.runIf(linux)("on Linux", () => {
    testTreeContract({
      name: `NodeTree by ${means}`,
      createPlace: () => createPlace(means),
      nanoseconds: true,
      nodes: true,
    });
  });
}

testTreeContract({
  name: "NodeTree by paths",
  createPlace: () => createPlace("paths"),
  nanoseconds: false,
  nodes: false,
});

describe("opening a tree", () => {
  const codeOf = (path: string, means?: OpenTreeOptions["means"]) => {
    try {
      openTree(path, means ? { followLinks: false, means } : { followLinks: false }).close();
      return null;
    } catch (error) {
      return errorCode(error);
    }
  };

  test.each([undefined, "paths"] as const)("its root must be a directory (%s)", (means) => {
    const directory = mkdtempSync(join(tmpdir(), "tsrsync-tree-"));
    writeFileSync(`${directory}/file`, "");
    expect(codeOf(`${directory}/nothing`, means)).toBe("ENOENT");
    expect(codeOf(`${directory}/file`, means)).toBe("ENOTDIR");
    expect(codeOf("", means)).toBe("ENOENT");
    expect(codeOf("a\0b", means)).toBe("EINVAL");
    expect(codeOf(`${directory}/../${directory.split("/").at(-1)}/.`, means)).toBeNull();
    expect(codeOf(".", means)).toBeNull();
    rmSync(directory, { recursive: true });
  });

  test("the system's root is a tree like any other", () => {
    for (const means of linux ? (["openat2", "walk", "paths"] as const) : (["paths"] as const)) {
      const tree = openTree("/", { followLinks: true, means });
      expect(tree.list("")).toContain("tmp");
      expect(tree.stat("tmp")).not.toBeNull();
      expect(tree.stat("")).not.toBeNull();
      tree.close();
    }
  });

  test("it tells who guards the border", () => {
    const checked = openTree(tmpdir(), { followLinks: false, means: "paths" });
    expect(checked.confinement).toBe("checked");
    const best = openTree(tmpdir(), { followLinks: false });
    expect(best.confinement).toBe(linux ? "kernel" : "checked");
    best.close();
  });
});
