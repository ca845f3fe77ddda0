/**
 * What loading a configuration needs from outside, so that tests and libraries can give it something else.
 * @module
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, hostname, userInfo } from "node:os";

/** Files and environment. */
export interface ConfigWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Bytes of a file. @throws what the system says. */
  readFile(path: string): Uint8Array;
  /** Names in a directory. */
  readDirectory(path: string): readonly string[];
  /** Permission bits. */
  modeOf(path: string): number;
  /** What relative paths are relative to, when the configuration is no file. */
  readonly directory: string;
  /** 0 for root. */
  readonly userId: number;
  readonly userName: string;
  readonly home: string;
  readonly hostname: string;
}

/** This machine. */
export function systemWorld(environment: ConfigWorld["environment"] = process.env): ConfigWorld {
  return {
    environment,
    readFile: (path) => readFileSync(path),
    readDirectory: (path) => readdirSync(path),
    modeOf: (path) => statSync(path).mode & 0o7777,
    directory: process.cwd(),
    userId: process.getuid?.() ?? 1,
    userName: currentUser(),
    home: homedir(),
    hostname: hostname(),
  };
}

/** Containers run users that have no name. */
function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}
