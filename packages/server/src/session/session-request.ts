/**
 * What a session after the text phase needs to know; plain data, since it may travel to another process.
 * @module
 */
import type { Rule } from "@tsrsync/protocol/filter";
import type { ModuleConfig } from "../config/index.js";

export interface SessionRequest {
  module: ModuleConfig;
  /** What the module hides; read while its files could be. */
  filterRules: readonly Rule[];
  protocol: number;
  /** Name and address as texts show them. */
  peer: { hostName: string; address: string };
  /** The user who logged in; empty without login. */
  user: string;
  /** The user's rule overrides the module's `read only`. */
  readOnly: boolean;
  /** When the daemon's own address is asked for, as `RSYNC_CHECKSUM_LIST` of its environment. */
  checksumEnvironment: string | undefined;
}
