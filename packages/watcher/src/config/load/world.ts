/**
 * What loading a configuration needs from outside, so that tests and libraries can give it something else.
 * @module
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir, hostname } from "node:os";
import type { AccountLookup } from "../shape/shape.js";
import { findAccount, findGroup } from "./accounts.js";

/** Files, environment and accounts. */
export interface ConfigWorld extends AccountLookup {
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
    findAccount,
    findGroup,
    home: homedir(),
    hostname: hostname(),
  };
}
