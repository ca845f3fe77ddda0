#!/usr/bin/env node
import { statSync } from "node:fs";
import * as nodeModule from "node:module";

// Node 22 and later keep compiled code between runs.
nodeModule.enableCompileCache?.();

const changedAt = (path) =>
  statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? 0;

// A few bundled files start faster than hundreds of modules; in a checkout they may be older than what was compiled since.
const bundle = "../dist/bundle/tsrsync-watch.js";
const compiled = ["../", "../../client/", "../../transfer/", "../../protocol/"].map(
  (directory) => `${directory}dist/.tsbuildinfo`,
);
const isFresh = changedAt(bundle) >= Math.max(1, ...compiled.map(changedAt));
const { run } = await import(isFresh ? bundle : "../dist/cli/run.js");

await run(process);
