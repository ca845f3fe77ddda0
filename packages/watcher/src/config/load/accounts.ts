/**
 * The accounts and groups of this machine, wherever it has them from.
 * @module
 */
import { execFileSync } from "node:child_process";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { accounts, groups } from "@tsrsync/transfer";

/** One account. */
export interface ConfigAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const MAX_WAIT_MS = 10_000;

/** The account with a name or (digits) a number, `null` when there is none. */
export function findAccount(key: string): ConfigAccount | null {
  const bytes = byteStringFromText(key);
  const isId = /^\d+$/.test(key);
  const found = accounts().find(({ name, uid }) => (isId ? uid === Number(key) : name === bytes));
  if (found !== undefined) {
    return { ...found, name: Buffer.from(found.name, "latin1").toString("utf8") };
  }
  const [name, , uid, gid] = askSystem("passwd", key);
  return name === undefined ? null : { name, uid: Number(uid), gid: Number(gid) };
}

/** The number of the group with a name, `null` when there is none. */
export function findGroup(key: string): number | null {
  const bytes = byteStringFromText(key);
  const found = groups().find(({ name }) => name === bytes);
  if (found !== undefined) return found.gid;
  const [, , gid] = askSystem("group", key);
  return gid === undefined ? null : Number(gid);
}

/** Directories of accounts are known to the C library alone. Nothing when they know none either, or nobody can be asked. */
function askSystem(table: "passwd" | "group", key: string): string[] {
  try {
    const line = execFileSync("getent", ["--", table, key], {
      encoding: "utf8",
      timeout: MAX_WAIT_MS,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return line.trimEnd().split(":");
  } catch {
    return [];
  }
}
