import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inotifyHub } from "../inotify/inotify-hub.js";
import { keepReader, PLAIN, TestRoot } from "./testing-root.js";

describe.runIf(inotifyHub() !== null)("a root is halted", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    writeFileSync(it.path("f"), "one");
  });
  afterEach(() => it.end());

  const guard = (options: object) => ({ guard: { ...PLAIN.guard, ...options } });

  test("when it is not there", async () => {
    renameSync(it.root, `${it.place}/away`);
    await it.watch();
    expect(it.watcher.state).toBe("root-gone");
  });

  test("when it is moved away, and goes on when it is back", async () => {
    await it.watch();
    renameSync(it.root, `${it.place}/away`);
    await expect.poll(() => it.watcher.state).toBe("root-gone");
    writeFileSync(`${it.place}/away/g`, "");
    expect(await it.marks()).toEqual([]);
    renameSync(`${it.place}/away`, it.root);
    await expect.poll(() => it.watcher.state, { timeout: 8000 }).toBe("live");
    const marks = await it.marks();
    expect(marks).toEqual(expect.arrayContaining(["g:0"]));
    writeFileSync(it.path("h"), "");
    expect(await it.marks()).toEqual([":0", "h:0"]);
  });

  test("when another directory takes its place, until that is accepted", async () => {
    await it.watch();
    renameSync(it.root, `${it.place}/away`);
    mkdirSync(it.root);
    await expect.poll(() => it.watcher.state).toBe("root-gone");
    expect(await it.marks()).toEqual([]);
    await it.watcher.resume();
    expect(it.watcher.state).toBe("live");
    expect(await it.marks()).toContain("f:0");
  });

  test("when it is suddenly empty, before that is told", async () => {
    const told = await it.watch(guard({ haltWhenEmpty: true }));
    const order: string[] = [];
    const marked = told.marked.bind(told);
    told.marked = (marks) => {
      order.push(it.watcher.state);
      marked(marks);
    };
    unlinkSync(it.path("f"));
    expect(await it.marks()).toEqual([":0", "f:0"]);
    expect(order).toEqual(["guarded"]);
    await it.watcher.resume();
    expect(it.watcher.state).toBe("live");
  });

  test("not before the last name that is mirrored is gone", async () => {
    writeFileSync(it.path("g"), "");
    writeFileSync(it.path("g.swp"), "");
    const isHidden = (path: string) => path.endsWith(".swp");
    await it.watch({ ...guard({ haltWhenEmpty: true }), isHidden });
    unlinkSync(it.path("f"));
    await it.marks();
    expect(it.watcher.state).toBe("live");
    unlinkSync(it.path("g"));
    await it.marks();
    expect(it.watcher.state).toBe("guarded");
  });

  test("for a moment only when a file is replaced", async () => {
    await it.watch(guard({ haltWhenEmpty: true }));
    unlinkSync(it.path("f"));
    await it.watcher.drain();
    writeFileSync(it.path("f"), "two");
    await it.watcher.drain();
    await expect.poll(() => it.watcher.state, { timeout: 4000 }).toBe("live");
  });

  test("when it is empty at the start, and was not", async () => {
    await it.watch();
    rmSync(it.path("f"));
    await it.watch(guard({ haltWhenEmpty: true }));
    expect(it.watcher.state).toBe("guarded");
    expect(it.recorder.take()).not.toContain("f:0");
    await it.watcher.resume();
    expect(it.watcher.state).toBe("live");
    expect(await it.marks()).toContain("f:0");
  });

  test("when it comes back empty, until the old one is there", async () => {
    await it.watch();
    renameSync(it.root, `${it.place}/away`);
    await it.watch(guard({ haltWhenEmpty: true }));
    expect(it.watcher.state).toBe("root-gone");
    mkdirSync(it.root);
    await expect.poll(() => it.watcher.state, { timeout: 8000 }).toBe("guarded");
    rmSync(it.root, { recursive: true });
    renameSync(`${it.place}/away`, it.root);
    await expect.poll(() => it.watcher.state, { timeout: 8000 }).toBe("live");
    writeFileSync(it.path("g"), "");
    expect(await it.marks()).toContain("g:0");
  });

  test("when its marker is missing, until it is back", async () => {
    writeFileSync(it.path("marker"), "");
    await it.watch(guard({ marker: "marker" }));
    expect(it.watcher.state).toBe("live");
    unlinkSync(it.path("marker"));
    await it.watcher.drain();
    expect(it.watcher.state).toBe("guarded");
    writeFileSync(it.path("marker"), "");
    await expect.poll(() => it.watcher.state, { timeout: 8000 }).toBe("live");
  });

  test("when nothing is mounted on it but should be", async () => {
    await it.watch(guard({ requireMount: true }));
    expect(it.watcher.state).toBe("unmounted");
    expect(it.recorder.states).toEqual(["unmounted"]);
  });

  test("when it is removed", async () => {
    await it.watch();
    unlinkSync(it.path("f"));
    rmdirSync(it.root);
    await expect.poll(() => it.watcher.state).toBe("root-gone");
  });
});

describe.runIf(inotifyHub() !== null && canMount())("a file system below the root", () => {
  let it: TestRoot;
  beforeAll(() => keepReader());
  beforeEach(() => {
    it = new TestRoot();
    mkdirSync(it.path("m"));
    execFileSync("mount", ["-t", "tmpfs", "none", it.path("m")]);
    mkdirSync(it.path("m/d"));
  });
  afterEach(async () => {
    await it.watcher.close();
    execFileSync("sh", ["-c", `umount ${it.path("m")} 2>&1 || true`]);
    await it.end();
  });

  test("is not gone into when one file system is asked for", async () => {
    await it.watch();
    expect(it.watcher.figures().watches).toBe(1);
  });

  test("is missed when it is unmounted, and nothing in it counts as deleted", async () => {
    await it.watch({ oneFileSystem: false });
    expect(it.watcher.figures().watches).toBe(3);
    execFileSync("umount", [it.path("m")]);
    await expect.poll(() => it.watcher.state).toBe("unmounted");
    expect((await it.marks()).filter((mark) => mark.startsWith("m/"))).toEqual([]);
    execFileSync("mount", ["-t", "tmpfs", "none", it.path("m")]);
    await it.watcher.resume();
    expect(it.watcher.state).toBe("live");
    expect(await it.marks()).toContain("m/d:0");
  });
});

function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), "tsrsync-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "none", place], { stdio: "ignore" });
    execFileSync("umount", [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(place);
  }
}
