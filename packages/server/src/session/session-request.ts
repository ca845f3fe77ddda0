/**
 * What a session after the text phase needs to know; plain data, since it may travel to another process.
 * @module
 */
import type { Rule } from "@tsrsync/protocol/filter";
import type { AlgorithmLists } from "@tsrsync/transfer";
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
  /** No session sends faster than so many KiB per second; 0 sets no limit. */
  bwlimit: number;
  /** What the daemon's environment allows. */
  algorithmLists: AlgorithmLists;
}
