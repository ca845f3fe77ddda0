/**
 * A world of files in memory, for tests of configurations.
 * @module
 */
import { dirname } from "node:path";
import type { ConfigWorld } from "../load/world.js";

/** A file: its contents, and its mode unless that is 0600. */
export type MemoryFile = string | Uint8Array | { readonly content: string; readonly mode: number };

/** Each has a group of the same name. */
const ACCOUNTS = [
  { name: "root", uid: 0, gid: 0 },
  { name: "www-data", uid: 33, gid: 33 },
  { name: "backup", uid: 34, gid: 34 },
];

/** A world in which only these files and variables exist. */
export function memoryWorld(
  files: Readonly<Record<string, MemoryFile>> = {},
  environment: ConfigWorld["environment"] = {},
): ConfigWorld {
  const find = (path: string): MemoryFile => {
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    if (file !== undefined) return file;
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
      code: "ENOENT",
    });
  };
  return {
    environment,
    readFile(path) {
      const file = find(path);
      if (typeof file === "string") return Buffer.from(file);
      return file instanceof Uint8Array ? file : Buffer.from(file.content);
    },
    readDirectory: (path) =>
      Object.keys(files).flatMap((name) =>
        dirname(name) === path ? [name.slice(path.length + 1)] : [],
      ),
    modeOf(path) {
      const file = find(path);
      return typeof file === "string" || file instanceof Uint8Array ? 0o600 : file.mode;
    },
    directory: "/etc/tsrsync",
    userId: 0,
    findAccount: (key) =>
      ACCOUNTS.find(({ name, uid }) => name === key || String(uid) === key) ?? null,
    findGroup: (name) => ACCOUNTS.find((account) => account.name === name)?.gid ?? null,
    home: "/root",
    hostname: "here",
  };
}
