/**
 * Deletes for daemons that take no entries without a mode: a push of the root with `-r --delete` that sees nothing but the
 * deleted names and the directories on the way to them (spec 6, 3.4 "old and broken daemons").
 * @module
 */
import { hasWildcard } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";

/** The filter rules of such a push. */
export function deletionRules(deletes: readonly ByteString[]): ByteString[] {
  const rules = new Set<ByteString>();
  for (const path of deletes) {
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      rules.add(`+ /${literal(path.slice(0, slash))}/`);
    }
    rules.add(`+ /${literal(path)}`);
    rules.add(`+ /${escaped(path)}/***`);
  }
  return [...rules, "- *"];
}

/** A pattern that fits this name only. Without wildcards a pattern is what it says, backslashes and all. */
function literal(path: ByteString): ByteString {
  return hasWildcard(path) ? escaped(path) : path;
}

function escaped(path: ByteString): ByteString {
  return path.replace(/[\\*?[]/g, "\\$&");
}
