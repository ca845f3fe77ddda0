/**
 * The full example of the specification, for tests.
 * @module
 */
import { readFileSync } from "node:fs";
import type { MemoryFile } from "./memory-world.js";

const CHAPTER = new URL("../../../../../docs/protocol/6-live-sync.md", import.meta.url);

/** The example as it stands in chapter 6, 2.3. */
export function chapterExample(): string {
  const text = readFileSync(CHAPTER, "utf8");
  const start = text.indexOf("```yaml\n", text.indexOf("### 2.3")) + "```yaml\n".length;
  return text.slice(start, text.indexOf("```", start));
}

/** The example without what comes in later versions: TLS to a daemon of ours, relays, the bus. */
export function presentExample(): string {
  const text = chapterExample().replace("rsyncs://", "rsync://");
  return text.slice(0, text.indexOf("  - name: media"));
}

/** The files that it names. */
export const EXAMPLE_FILES: Readonly<Record<string, MemoryFile>> = {
  "/etc/tsrsync/web.htpasswd": "admin:$2b$10$abcdefghijklmnopqrstuv\n",
  "/etc/tsrsync/web.pass": "secret\n",
  "/etc/tsrsync/cdn": "secret\n",
};

/** The variables. */
export const EXAMPLE_ENVIRONMENT: Readonly<Record<string, string>> = { WEB2_PASS: "secret2" };
