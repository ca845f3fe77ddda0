import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HookSettings } from "../config/settings.js";
import { silentLogger } from "../log/logger.js";
import { createCommandHook } from "./command-hook.js";
import { batchOf, COMMON, HOSTILE, makeHostileRoot, never } from "./hook-test-support.js";

type CommandHook = HookSettings & { kind: "command" };

let root: ReturnType<typeof makeHostileRoot>;
let out = "";
beforeAll(() => {
  root = makeHostileRoot();
  out = mkdtempSync(join(tmpdir(), "ops-command-"));
});
afterAll(() => {
  root.remove();
  rmSync(out, { recursive: true });
});

/** A program that keeps its arguments, what it reads, and its environment. */
function recorder(): { program: string; runs: () => string[][]; read: (what: string) => Buffer } {
  const place = mkdtempSync(join(out, "run-"));
  const program = join(place, "record");
  writeFileSync(
    program,
    `#!/bin/sh
printf '%s\\0' "$@" END >> ${place}/arguments
cat > ${place}/stdin
printf '%s' "$TSRSYNC_ROOT|$TSRSYNC_TARGET|$TSRSYNC_BATCH|$TSRSYNC_COUNT" > ${place}/environment
`,
    { mode: 0o755 },
  );
  const read = (what: string): Buffer => readFileSync(join(place, what));
  const runs = (): string[][] =>
    read("arguments")
      .toString("latin1")
      .split("END\0")
      .slice(0, -1)
      .map((run) => run.split("\0").slice(0, -1));
  return { program, runs, read };
}

const hook = (changes: Partial<CommandHook>): CommandHook => ({
  ...COMMON,
  kind: "command",
  argv: [],
  stdin: "none",
  ...changes,
});

const run = (settings: CommandHook, paths = HOSTILE, signal = never): Promise<void> =>
  createCommandHook(settings, silentLogger)(batchOf(root.directory, paths), signal);

describe("hooks that start a program", () => {
  it("give it each path, byte for byte, as one argument", async () => {
    const { program, runs } = recorder();
    await run(hook({ argv: [program, "{path}", "{relative}"] }));
    expect(runs()).toEqual(HOSTILE.map((name) => [`${root.directory}/${name}`, name]));
    expect(existsSync("pwned")).toBe(false);
    expect(existsSync(join(root.directory, "pwned"))).toBe(false);
  });

  it("give it all paths in one run, between other arguments", async () => {
    const { program, runs, read } = recorder();
    await run(hook({ argv: [program, "{root}:{count}", "{paths}", "{target}{unknown}", "$HOME"] }));
    const paths = HOSTILE.map((name) => `${root.directory}/${name}`);
    expect(runs()).toEqual([[`${root.directory}:10`, ...paths, "web1{unknown}", "$HOME"]]);
    expect(read("environment").toString()).toBe(`${root.directory}|web1|7|10`);
  });

  it("start it several times when the paths are too many for one run", async () => {
    const { program, runs } = recorder();
    const names = Array.from({ length: 3000 }, (_, index) => `${"d/".repeat(20)}${index}`);
    await run(hook({ argv: [program, "{paths}"] }), names);
    expect(runs().length).toBeGreaterThan(1);
    expect(runs().flat()).toEqual(names.map((name) => `${root.directory}/${name}`));
  });

  it("give it paths to read that end in NUL, byte for byte", async () => {
    const { program, runs, read } = recorder();
    await run(hook({ argv: [program, "{count}"], stdin: "nul" }));
    const expected = HOSTILE.map((name) => `${root.directory}/${name}\0`).join("");
    expect(read("stdin").toString("latin1")).toBe(expected);
    expect(runs()).toEqual([["10"]]);
  });

  it("give it one JSON document to read", async () => {
    const { program, read } = recorder();
    await run(hook({ argv: [program], stdin: "json" }), [...HOSTILE, "gone", ""]);
    const document = JSON.parse(read("stdin").toString());
    expect(document).toMatchObject({ root: "www", target: "web1", batch: 7, count: 12 });
    const names = document.changes.map((change: { path: string; pathBase64?: string }) =>
      Buffer.from(change.pathBase64 ?? change.path, change.pathBase64 ? "base64" : "utf8").toString(
        "latin1",
      ),
    );
    expect(names).toEqual([...HOSTILE, "gone", ""]);
    expect(document.changes.slice(-3)).toMatchObject([
      { event: "update", isDirectory: false },
      { event: "delete", isDirectory: false },
      { event: "update", isDirectory: true, absolute: root.directory },
    ]);
  });

  it("run once for the root when there are no paths", async () => {
    const { program, runs } = recorder();
    await run(hook({ argv: [program, "{path}"] }), []);
    expect(runs()).toEqual([[root.directory]]);
  });

  it("fail when it fails, does not exist, or reads nothing of what it is given", async () => {
    const failing = hook({ argv: ["/bin/sh", "-c", "echo why >&2; exit 3"] });
    await expect(run(failing)).rejects.toThrow("exit status 3: why");
    await expect(run(hook({ argv: ["/nonexistent"] }))).rejects.toThrow("ENOENT");
    const many = Array.from({ length: 20_000 }, (_, index) => `name ${index}`);
    await run(hook({ argv: ["/bin/true"], stdin: "nul" }), many);
  });

  it("end it, and all that it started, when its time is over", async () => {
    const mark = join(out, "late");
    const limit = new AbortController();
    const script = `(sleep 1; touch ${mark}) & sleep 5`;
    const running = run(hook({ argv: ["/bin/sh", "-c", script] }), ["a"], limit.signal);
    setTimeout(() => limit.abort(new Error("over")), 200);
    await expect(running).rejects.toThrow("over");
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(existsSync(mark)).toBe(false);
  });

  it("do not wait for what it leaves in the background", async () => {
    const start = performance.now();
    await run(hook({ argv: ["/bin/sh", "-c", "sleep 3 & exit 0"] }), ["a"]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
