/**
 * Hooks that start a program: `{path}` in its arguments starts it for each path, an argument `{paths}` becomes all of them.
 * @module
 */
import { type ByteString, byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";
import type { HookSettings } from "../config/settings.js";
import type { Logger } from "../log/logger.js";
import { exactArgv } from "./exact-argv.js";
import {
  absolutePath,
  describeChanges,
  type HookBatch,
  type HookRun,
  toJsonBatch,
} from "./hook-batch.js";
import { runProcess } from "./run-process.js";

type CommandHook = HookSettings & { kind: "command" };

/** Well below the two megabytes that Linux gives all arguments and the environment. */
const MAX_ARGUMENT_BYTES = 512 * 1024;
const ONE = /\{(?:path|relative)\}/;
const ALL = "{paths}";

type Values = Readonly<Record<string, ByteString>>;

/** Fills in what is between braces; other braces stay as they are. */
const fill = (template: string, values: Values): ByteString =>
  byteStringFromText(template).replace(/\{(\w+)\}/g, (found, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? "") : found,
  );

function valuesOf(batch: HookBatch, paths: readonly ByteString[]): Values {
  const path = paths[0] ?? "";
  return {
    path: absolutePath(batch.directory, path),
    relative: path,
    root: byteStringFromText(batch.directory),
    name: byteStringFromText(batch.root),
    target: byteStringFromText(batch.target),
    count: String(paths.length),
    batch: String(batch.batch),
  };
}

function argvFor(
  template: readonly string[],
  batch: HookBatch,
  paths: readonly ByteString[],
): ByteString[] {
  const values = valuesOf(batch, paths);
  return template.flatMap((word) =>
    word === ALL ? paths.map((path) => absolutePath(batch.directory, path)) : [fill(word, values)],
  );
}

/** Runs that together have all paths: one for each path, as many as fit, or one that has them some other way. */
export function splitPaths(
  template: readonly string[],
  batch: HookBatch,
): (readonly ByteString[])[] {
  const { paths, directory } = batch;
  if (paths.length === 0) return [[]];
  if (template.some((word) => ONE.test(word))) return paths.map((path) => [path]);
  if (!template.includes(ALL)) return [paths];
  const runs: ByteString[][] = [];
  let bytes = MAX_ARGUMENT_BYTES;
  for (const path of paths) {
    // An escaped name that is no UTF-8 takes up to five times its length.
    const length = (directory.length + path.length + 1) * 5;
    if (bytes + length > MAX_ARGUMENT_BYTES) {
      runs.push([]);
      bytes = 0;
    }
    runs.at(-1)?.push(path);
    bytes += length;
  }
  return runs;
}

const environmentOf = (batch: HookBatch, count: number): Record<string, string> => ({
  TSRSYNC_ROOT: batch.directory,
  TSRSYNC_TARGET: batch.target,
  TSRSYNC_BATCH: String(batch.batch),
  TSRSYNC_COUNT: String(count),
});

async function stdinFor(kind: CommandHook["stdin"], batch: HookBatch): Promise<Uint8Array | null> {
  if (kind === "none") return null;
  if (kind === "json") return Buffer.from(toJsonBatch(batch, await describeChanges(batch)));
  const names = batch.paths.map((path) => `${absolutePath(batch.directory, path)}\0`);
  return encodeByteString(names.join(""));
}

/** A hook of this kind. Where a batch needs several runs they come one after another, and the first that fails ends it. */
export function createCommandHook(settings: CommandHook, logger: Logger): HookRun {
  return async (batch, signal) => {
    for (const paths of splitPaths(settings.argv, batch)) {
      const part = { ...batch, paths };
      const { output } = await runProcess({
        argv: exactArgv(argvFor(settings.argv, batch, paths)),
        environment: environmentOf(batch, paths.length),
        stdin: await stdinFor(settings.stdin, part),
        signal,
      });
      if (output !== "" && !settings.ignoreError) {
        logger.debug("hook output", { root: batch.root, program: settings.argv[0], output });
      }
    }
  };
}
