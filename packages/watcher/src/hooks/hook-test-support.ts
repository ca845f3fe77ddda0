/**
 * Names and places that the tests of hooks share.
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteString, byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";
import type { HookCommon } from "../config/settings.js";
import type { HookBatch } from "./hook-batch.js";

/** Names that a shell, an address or a form would take for something else, or that are no UTF-8. */
export const HOSTILE: readonly ByteString[] = [
  "a`touch pwned`.txt",
  'b";touch pwned;".txt',
  "c$(touch pwned)$HOME'd",
  "line\nend\n",
  "100% a=b&c=d?e#f+g",
  "back\\slash\\0101",
  "*?[x]~!{path}{paths}",
  byteStringFromText("文件.php"),
  "\xff\xfe\x01\x7f",
  "\xc3",
];

/** What all hooks have, for tests. */
export const COMMON: HookCommon = {
  when: "afterPush",
  targets: [],
  match: [],
  root: null,
  batch: { max: 1000, wait: 0 },
  timeout: 5000,
  retries: 0,
  ignoreError: false,
};

/** A directory that holds a file of each hostile name. */
export function makeHostileRoot(): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "ops-hooks-"));
  for (const name of HOSTILE) {
    writeFileSync(Buffer.from(encodeByteString(`${directory}/${name}`)), "x");
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** A batch of paths. */
export function batchOf(directory: string, paths: readonly ByteString[]): HookBatch {
  return { root: "www", directory, target: "web1", batch: 7, paths };
}

/** A signal that never comes. */
export const never: AbortSignal = new AbortController().signal;
