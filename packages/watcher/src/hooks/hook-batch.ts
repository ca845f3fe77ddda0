/**
 * What a hook is given: paths that changed, together.
 * @module
 */
import { lstat } from "node:fs/promises";
import { type ByteString, byteStringFromText, encodeByteString } from "@tsrsync/protocol/wire";

/** Changes for one run of a hook. */
export interface HookBatch {
  /** The root's name, and its directory. */
  root: string;
  directory: string;
  /** The target that has the changes; empty when it is about no single one. */
  target: string;
  /** Number of the latest push in it, 0 when there was none. */
  batch: number;
  /** Relative to the directory. None for hooks that come before full syncs. */
  paths: readonly ByteString[];
}

/** A path as it is when the hook runs. */
export interface HookChange {
  path: ByteString;
  /** Without links resolved. */
  absolute: ByteString;
  /** `delete` when it is gone. */
  event: "update" | "delete";
  isDirectory: boolean;
}

/** Runs one kind of hook. Rejects when the run failed; stops soon after the signal. */
export type HookRun = (batch: HookBatch, signal: AbortSignal) => Promise<void>;

const PARALLEL_LSTATS = 16;

/** The absolute form of a path in the batch. */
export function absolutePath(directory: string, path: ByteString): ByteString {
  const base = byteStringFromText(directory);
  if (path === "") return base;
  return base.endsWith("/") ? base + path : `${base}/${path}`;
}

async function look(directory: string, path: ByteString): Promise<HookChange> {
  const absolute = absolutePath(directory, path);
  try {
    const stats = await lstat(Buffer.from(encodeByteString(absolute)));
    return { path, absolute, event: "update", isDirectory: stats.isDirectory() };
  } catch {
    return { path, absolute, event: "delete", isDirectory: false }; // what can not be seen is gone for the hook, too
  }
}

/** Looks at the paths of the batch as they are now. */
export async function describeChanges({ directory, paths }: HookBatch): Promise<HookChange[]> {
  const changes: HookChange[] = [];
  for (let start = 0; start < paths.length; start += PARALLEL_LSTATS) {
    const slice = paths.slice(start, start + PARALLEL_LSTATS);
    changes.push(...(await Promise.all(slice.map((path) => look(directory, path)))));
  }
  return changes;
}

/** A name as JSON has it: what is no UTF-8 is replaced there, and the bytes are given in `<name>Base64`. */
function nameFields(name: string, bytes: ByteString): Record<string, string> {
  const buffer = Buffer.from(encodeByteString(bytes));
  const text = buffer.toString("utf8");
  if (Buffer.from(text, "utf8").equals(buffer)) return { [name]: text };
  return { [name]: text, [`${name}Base64`]: buffer.toString("base64") };
}

/** A change as JSON has it. */
export function toJsonChange(change: HookChange): Record<string, unknown> {
  const { path, absolute, event, isDirectory } = change;
  return {
    ...nameFields("path", path),
    ...nameFields("absolute", absolute),
    event,
    isDirectory,
  };
}

/** The whole batch as one JSON document. */
export function toJsonBatch(batch: HookBatch, changes: readonly HookChange[]): string {
  const { root, directory, target, batch: number } = batch;
  const count = changes.length;
  const document = { root, directory, target, batch: number, count };
  return JSON.stringify({ ...document, changes: changes.map(toJsonChange) });
}
