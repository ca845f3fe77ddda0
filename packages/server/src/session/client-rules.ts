/**
 * The filter rules that a client's arguments hold; files that they name lie in the module (spec 5-daemon, 5.8.2 and 5.9.1).
 * @module
 */
import type { ServerRequest } from "@tsrsync/protocol/arguments";
import type { Rule } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import { rulesOfOptions } from "@tsrsync/transfer";
import type { ModulePaths } from "./module-paths.js";

/**
 * Reads the rules. A file that another rule merges is none of ours to open: it counts as empty.
 * @throws UnsupportedError for a file that the module hides, FileIoError for one that is not there, UsageError for a rule
 * that can not be read.
 */
export async function rulesOfClient(
  { filters, deleteExcluded }: ServerRequest["settings"],
  paths: ModulePaths,
): Promise<readonly Rule[]> {
  const named = new Map<ByteString, Uint8Array | null>();
  for (const { kind, text } of filters) {
    if (kind.endsWith("-from")) named.set(text, await paths.readRules(text));
  }
  const readFile = (name: ByteString): Uint8Array | null => {
    const content = named.get(name);
    return content === undefined ? new Uint8Array(0) : content;
  };
  return rulesOfOptions(filters, { deleteExcluded, readFile });
}
