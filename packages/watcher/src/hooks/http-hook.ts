/**
 * Hooks that post changes: one JSON document, or sersync's form for each path.
 * @module
 */
import { byteStringFromText } from "@tsrsync/protocol/wire";
import type { HookSettings } from "../config/settings.js";
import {
  describeChanges,
  type HookBatch,
  type HookChange,
  type HookRun,
  toJsonBatch,
} from "./hook-batch.js";
import { sendRequest } from "./http-request.js";
import { percentEncode } from "./percent.js";

type HttpHook = HookSettings & { kind: "http" };

/** inotify's bits: which event sersync would have seen. */
const CLOSE_WRITE = 0x8;
const CREATE = 0x100;
const DELETE = 0x200;
const IS_DIRECTORY = 0x40000000;

function maskOf({ event, isDirectory }: HookChange): number {
  if (event === "delete") return DELETE;
  return isDirectory ? CREATE | IS_DIRECTORY : CLOSE_WRITE;
}

/** `watchroot=…&isdir=0|1&inotifyPath=…&mask=…`, with the path below the root. */
function formOf(batch: HookBatch, change: HookChange): string {
  const root = percentEncode(byteStringFromText(batch.directory));
  const path = percentEncode(change.path);
  const isDirectory = change.isDirectory ? 1 : 0;
  return `watchroot=${root}&isdir=${isDirectory}&inotifyPath=${path}&mask=${maskOf(change)}`;
}

/** A hook of this kind. */
export function createHttpHook({ url, format }: HttpHook): HookRun {
  const post = (type: string, body: string, signal: AbortSignal) =>
    sendRequest({ method: "POST", url, headers: { "content-type": type }, body, signal });
  return async (batch, signal) => {
    const changes = await describeChanges(batch);
    if (format === "json") {
      await post("application/json", toJsonBatch(batch, changes), signal);
      return;
    }
    for (const change of changes) {
      await post("application/x-www-form-urlencoded", formOf(batch, change), signal);
    }
  };
}
