/**
 * Which extended attributes are looked at. Spec: docs/protocol/4-command.md, 11.5.
 * @module
 */
import type { ByteString } from "../wire/index.js";
import type { FilterScope } from "./filter-scope.js";

/** What decides besides the rules. */
export interface XattrChoice {
  /** The process is the superuser, who copies all but `system.*` where there are no rules. */
  readonly isRoot: boolean;
  /** `-XX`: rsync's own attributes are copied like others. */
  readonly keepsOwn: boolean;
}

/**
 * True when the attribute is copied (on the sender) or may be deleted (on the receiver). rsync's own `user.rsync.*`
 * are left alone unless `-XX`, whatever the rules say.
 */
export function choosesXattr(scope: FilterScope, name: ByteString, choice: XattrChoice): boolean {
  if (!choice.keepsOwn && name.startsWith("user.rsync.")) return false;
  if (scope.hasXattrRules) return scope.findXattr(name)?.include !== false;
  return choice.isRoot ? !name.startsWith("system.") : name.startsWith("user.");
}
