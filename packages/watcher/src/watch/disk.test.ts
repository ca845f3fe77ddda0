import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Disk } from "./disk.js";
import { loadNativeDisk } from "./native-disk.js";

const { ENOENT, ENOTDIR } = constants.errno;

describe.each(["node", "native"])("looking at the disk (%s)", (means) => {
  let place: string;
  let disk: Disk;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "tsrsync-disk-"));
    disk = new Disk(place, { native: means === "node" ? null : loadNativeDisk() });
    mkdirSync(`${place}/d`);
    writeFileSync(`${place}/f`, "four");
    linkSync(`${place}/f`, `${place}/d/link`);
    symlinkSync("d", `${place}/l`);
    writeFileSync(Buffer.concat([Buffer.from(`${place}/`), Buffer.from([0xff, 0x0a])]), "");
  });
  afterEach(() => rmSync(place, { recursive: true }));

  test("lists names in byte order", () => {
    expect(disk.list("")).toEqual(["d", "f", "l", "\xff\n"]);
    expect(disk.list("d")).toEqual(["link"]);
    expect(disk.list("none")).toBe(-ENOENT);
    expect(disk.list("f")).toBe(-ENOTDIR);
  });

  test("tells the same by both means", () => {
    const other = new Disk(place, { native: means === "node" ? loadNativeDisk() : null });
    for (const path of ["", "d", "f", "d/link", "l", "\xff\n"]) {
      expect(disk.look(path), path).toEqual(other.look(path));
    }
    expect(disk.look("f")).toMatchObject({ links: 2, size: 4, mode: 0o100644 });
    expect(disk.look("none")).toBe(-ENOENT);
    expect(disk.look("f/x")).toBe(-ENOTDIR);
  });

  test("a root may be reached through a link", () => {
    expect(new Disk(`${place}/l`).list("")).toEqual(["link"]);
    expect(new Disk(`${place}/l`).lookAtRoot()).toMatchObject({ inode: inodeOf("d") });
  });

  const inodeOf = (path: string): bigint => {
    const entry = disk.look(path);
    if (typeof entry === "number") throw new Error(`${path}: ${entry}`);
    return entry.inode;
  };
});
