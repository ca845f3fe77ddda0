import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isMainThread } from "node:worker_threads";
import { expect, test } from "vitest";
import { runProcess } from "../hooks/run-process.js";
import { keepFilesPrivate } from "./private-files.js";

test.runIf(isMainThread)(
  "files of the service are private, those of its hooks are as before",
  async () => {
    const directory = mkdtempSync(`${tmpdir()}/tsrsync-private-`);
    const before = process.umask(0o022);
    const end = keepFilesPrivate();
    try {
      writeFileSync(`${directory}/own`, "");
      const { signal } = new AbortController();
      const argv = ["touch", `${directory}/hook`];
      await runProcess({ argv, environment: {}, stdin: null, signal });
      writeFileSync(`${directory}/later`, "");
      const modes = ["own", "hook", "later"].map(
        (name) => statSync(`${directory}/${name}`).mode & 0o777,
      );
      expect(modes).toEqual([0o600, 0o644, 0o600]);
    } finally {
      end();
      expect(process.umask(before)).toBe(0o022);
      rmSync(directory, { recursive: true });
    }
  },
);
