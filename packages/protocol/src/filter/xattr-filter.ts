/**
 * Which extended attributes are looked at. Spec: docs/protocol/4-command.md, 11.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { FilterScope } from "./filter-scope.js";

/** What decides besides the rules. */
export interface XattrChoice {
  /** Without rules all but `system.*` counts, as for any sender and for a superuser's receiver; else only `user.*`. */
  readonly takesAll: boolean;
  /** rsync's own `user.rsync.%...` count like others: with `-XX`, and for a receiver that looks for what to remove. */
  readonly takesOwn: boolean;
}

/** True when the attribute is sent (on the sender), or compared and perhaps removed (on the receiver). */
export function choosesXattr(scope: FilterScope, name: ByteString, choice: XattrChoice): boolean {
  if (!choice.takesOwn && name.startsWith("user.rsync.%")) return false;
  if (scope.hasXattrRules) return scope.findXattr(name)?.include !== false;
  return choice.takesAll ? !name.startsWith("system.") : name.startsWith("user.");
}
