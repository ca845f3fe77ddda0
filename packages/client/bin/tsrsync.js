#!/usr/bin/env node
import { statSync } from "node:fs";
import * as nodeModule from "node:module";

// Node 22 and later keep compiled code between runs.
nodeModule.enableCompileCache?.();

const changedAt = (path) =>
  statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// One bundled file starts faster than two hundred modules; in a checkout it may be older than what was compiled since.
const bundle = "../dist/bundle/tsrsync.js";
const compiled = ["../", "../../server/", "../../transfer/", "../../protocol/"].map(
  (directory) => `${directory}dist/.tsbuildinfo`,
);
const isFresh = changedAt(bundle) >= Math.max(1, ...compiled.map(changedAt));
const { run } = await import(isFresh ? bundle : "../dist/cli/run.js");

await run(process);
