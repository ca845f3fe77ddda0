import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { expect, test } from "vitest";
import { createPathFilter } from "../filter/path-filter.js";
import { TestSnapshot } from "../watch/testing-root.js";
import { CurrentTree } from "./current-tree.js";
import { rememberNames } from "./remember-names.js";
import { rootSettings } from "./testing-settings.js";

test("all names below a directory are told that are mirrored, the young ones as not proven", async () => {
  const place = mkdtempSync(`${tmpdir()}/tsrsync-names-`);
  try {
    mkdirSync(`${place}/a/b/c`, { recursive: true });
    for (const name of ["a/f", "a/b/c/g", "a/b/hidden.tmp", "beside"]) {
      writeFileSync(`${place}/${name}`, "");
      utimesSync(`${place}/${name}`, 1, 1); // only the ctime counts
    }
    const { filter } = rootSettings(place, []);
    const snapshot = new TestSnapshot();
    await rememberNames(
      {
        tree: new CurrentTree(byteStringFromText(place)),
        filter: createPathFilter({ ...filter, rules: ["- *.tmp"] }),
        snapshot,
      },
      "a",
    );
    expect([...snapshot.known.keys()].sort()).toEqual(["a/b", "a/b/c", "a/b/c/g", "a/f"]);
    expect([...snapshot.known.values()].map(({ ctimeNs }) => ctimeNs)).toEqual([0n, 0n, 0n, 0n]);
  } finally {
    rmSync(place, { recursive: true });
  }
});
