/**
 * The message of the day.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { readTrusted } from "@tsrsync/transfer";
import type { DaemonConfig } from "./config/index.js";

/** The text of the `motd file`; `null` when there is none, or it can not be read. */
export function readMotd({ global }: DaemonConfig): ByteString | null {
  if (global.motdFile === "") return null;
  try {
    return readTrusted(global.motdFile);
  } catch {
    return null; // the daemon serves without its message, as rsyncd does
  }
}
