/**
 * The record that tells how the store was left.
 * @module
 */
import { readFile } from "node:fs/promises";
import type { RecordStore } from "./level-store.js";
import { ALL_RECORDS, decodeJson, encodeJson, FORMAT, FORMAT_KEY } from "./records.js";

/** How the store was left. Boots are told apart by the kernel's boot id. */
export interface LeftBehind {
  /** The boot in which the store was opened last. */
  readonly openedIn: string;
  /** It was closed in order. */
  readonly isClosed: boolean;
}

/** `"none"` for an empty store, `"unknown"` for one that is not of our format. */
export async function readLeftBehind(store: RecordStore): Promise<LeftBehind | "none" | "unknown"> {
  const value = await store.get(FORMAT_KEY);
  if (value === undefined) return (await isEmpty(store)) ? "none" : "unknown";
  const content = decodeJson(FORMAT_KEY, value);
  if (typeof content !== "object" || content === null) return "unknown";
  const { format, openedIn, isClosed } = content as Record<string, unknown>;
  if (format !== FORMAT || typeof openedIn !== "string") return "unknown";
  return { openedIn, isClosed: isClosed === true };
}

async function isEmpty(store: RecordStore): Promise<boolean> {
  for await (const chunk of store.read(ALL_RECORDS)) return chunk.length === 0;
  return true;
}

/** Tells the next process how the store is left now. */
export function writeLeftBehind(store: RecordStore, content: LeftBehind): Promise<void> {
  const value = encodeJson(FORMAT_KEY, { format: FORMAT, ...content });
  return store.write([{ type: "put", key: FORMAT_KEY, value }], true);
}

/** The id of this boot. */
export async function readBootId(): Promise<string> {
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    // Elsewhere than on Linux no two boots are known to be the same.
    return `unknown ${Date.now()}`;
  }
}
