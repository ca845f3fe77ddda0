/**
 * `auth users`: who may log in to a module, and what they may do there.
 *
 *     NAME[:OPTION]     NAME is a wildcard, `@NAME` one for groups
 *
 * Spec: docs/protocol/5-daemon.md, 5.7.2.
 * @module
 */
import { compileWildcard, type Wildcard, wildmatch } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import { splitList } from "./parameter-list.js";

/** What a rule gives: `null` leaves it to the module's `read only`. */
export type RuleAccess = "deny" | "ro" | "rw" | null;

/** One rule. */
export interface AuthRule {
  readonly isGroup: boolean;
  readonly wildcard: Wildcard;
  readonly access: RuleAccess;
}

/** The rule that decides over a user, and the group that made it match. */
export interface RuleMatch {
  readonly access: RuleAccess;
  readonly group: ByteString | null;
}

/** Whether the module asks for a login. A list of commas alone does, although nobody can pass it. */
export function requiresLogin({ authUsers }: { authUsers: ByteString }): boolean {
  return /[^ \t\r\n]/.test(authUsers);
}

/** The rules of a list, in order. */
export function parseAuthRules(authUsers: ByteString): AuthRule[] {
  return splitList(authUsers).map((token) => {
    const colon = token.indexOf(":");
    const name = colon < 0 ? token : token.slice(0, colon);
    const isGroup = name.startsWith("@");
    return {
      isGroup,
      wildcard: compileWildcard(isGroup ? name.slice(1) : name),
      access: colon < 0 ? null : parseAccess(token.slice(colon + 1)),
    };
  });
}

function parseAccess(option: ByteString): RuleAccess {
  if (/^d/i.test(option)) return "deny";
  if (/^ro/i.test(option)) return "ro";
  return /^rw/i.test(option) ? "rw" : null;
}

/**
 * The first rule that matches decides.
 * @param groupsOf the names of the groups of a user; asked only when a rule needs them.
 */
export function matchAuthRules(
  rules: readonly AuthRule[],
  user: ByteString,
  groupsOf: (user: ByteString) => readonly ByteString[],
): RuleMatch | null {
  for (const { isGroup, wildcard, access } of rules) {
    if (isGroup) {
      const group = groupsOf(user).find((name) => wildmatch(wildcard, name));
      if (group !== undefined) return { access, group };
    } else if (wildmatch(wildcard, user)) {
      return { access, group: null };
    }
  }
  return null;
}
