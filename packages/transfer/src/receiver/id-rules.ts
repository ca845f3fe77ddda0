/**
 * `--usermap`, `--groupmap` and so `--chown`: whose files become whose (spec 4-command, 12; 2-file-list, 2.9.3).
 * @module
 */
import { UsageError } from "@tsrsync/protocol";
import { compileWildcard, wildmatch } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";

/** One item of a map. */
export interface IdRule {
  /** `name` is empty for an id without one. */
  matches(id: number, name: ByteString): boolean;
  /** The local id. */
  readonly local: number;
}

/** Finds the local id of a name. */
export type NameLookup = (name: ByteString) => number | null;

/**
 * Reads the value of `option`. An item whose target is a name that we do not have is left out and told to `onUnknown`.
 * @throws UsageError (exit 1)
 */
export function parseIdRules(
  option: "usermap" | "groupmap",
  text: ByteString,
  lookup: NameLookup,
  onUnknown: (text: ByteString) => void,
): IdRule[] {
  const rules: IdRule[] = [];
  for (const item of text.split(",")) {
    const [from = "", to] = item.split(/:(.*)/s, 2);
    if (to === undefined) throw new UsageError(`No colon found in --${option}: ${item}`);
    if (to === "") throw new UsageError(`No name found after colon --${option}: ${item}`);
    const matches = parseSource(option, from);
    const local = /^\d+$/.test(to) ? toId(option, to) : lookup(to);
    if (local === null) onUnknown(`Unknown --${option} name on receiver: ${to}`);
    else rules.push({ matches, local });
  }
  return rules;
}

/** A number, a range, a name or a pattern for names; empty for ids without a name. */
function parseSource(option: string, from: ByteString): IdRule["matches"] {
  if (/^\d/.test(from)) {
    const [, low, high] = /^(\d+)(?:-(\d+))?$/.exec(from) ?? [];
    if (low === undefined) throw new UsageError(`Invalid number in --${option}: ${from}`);
    const first = toId(option, low);
    const last = high === undefined ? first : toId(option, high);
    return (id) => id >= first && id <= last;
  }
  if (!/[*?[]/.test(from)) return (_, name) => name === from;
  const pattern = compileWildcard(from);
  return (_, name) => wildmatch(pattern, name);
}

function toId(option: string, digits: string): number {
  const id = Number(digits);
  if (id > 0xffffffff) throw new UsageError(`Invalid number in --${option}: ${digits}`);
  return id;
}
