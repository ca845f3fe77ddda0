/**
 * Checks a login to a module. Spec: docs/protocol/5-daemon.md, 5.7.
 * @module
 */
import {
  type AuthDigest,
  authResponse,
  constantTimeEqual,
  DIGEST_NAMES,
  type DigestFunction,
  type DigestName,
} from "@tsrsync/protocol/handshake";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ClientPeer } from "../access/index.js";
import type { ModuleConfig } from "../config/index.js";
import { matchAuthRules, parseAuthRules, type RuleAccess } from "./auth-rules.js";
import { findPasswords, readSecretsFile } from "./secrets-file.js";
import { groupNamesOf, SYSTEM_USERS, type UserDatabase } from "./user-database.js";

/** A client's answer to the challenge. */
export interface LoginAttempt {
  readonly module: Pick<ModuleConfig, "name" | "authUsers" | "secretsFile" | "strictModes">;
  readonly peer: ClientPeer;
  readonly user: ByteString;
  readonly response: ByteString;
  /** The challenge that was sent. */
  readonly challenge: ByteString;
  readonly digest: AuthDigest;
  /** Computes that digest. */
  readonly hash: DigestFunction;
}

/** Where the users come from, and whether the daemon runs as root; by default what this machine and process say. */
export interface LoginEnvironment {
  readonly users?: UserDatabase;
  readonly isRoot?: boolean;
}

/** What the client learns is always the same; the reason is for the log. */
export type LoginResult =
  | {
      readonly ok: true;
      readonly user: ByteString;
      /** Overrides the module's `read only`, unless `null`. */
      readonly access: "ro" | "rw" | null;
    }
  | { readonly ok: false; readonly reason: ByteString; readonly log: readonly ByteString[] };

/** The line for a client whose login failed, whatever the reason. */
export function loginFailedLine(module: { readonly name: ByteString }): ByteString {
  return `@ERROR: auth failed on module ${module.name}`;
}

function loginFailedLog(
  module: { readonly name: ByteString },
  { hostName, address }: ClientPeer,
  rest: ByteString,
): ByteString {
  return `auth failed on module ${module.name} from ${hostName} (${address})${rest}`;
}

/**
 * Checks the answer of a client. The digest is computed in any case, so that the time does not tell which users exist.
 * Secrets are wiped from memory.
 */
export function authenticate(
  attempt: LoginAttempt,
  { users = SYSTEM_USERS, isRoot = process.geteuid?.() === 0 }: LoginEnvironment = {},
): LoginResult {
  const { module, peer, user, response } = attempt;
  const fail = (reason: ByteString, detail: ByteString | null = null): LoginResult => {
    answerTo(attempt, new Uint8Array(0));
    const log = loginFailedLog(module, peer, ` for ${user}: ${reason}`);
    return { ok: false, reason, log: detail === null ? [log] : [detail, log] };
  };
  if (response === "") {
    const log = loginFailedLog(module, peer, ": invalid challenge response");
    return { ok: false, reason: "invalid challenge response", log: [log] };
  }
  const rule = matchAuthRules(parseAuthRules(module.authUsers), user, (name) =>
    groupNamesOf(name, users),
  );
  if (rule === null) return fail("no matching rule");
  if (rule.access === "deny") return fail("denied by rule");
  // A comment of the secrets file is no line of a user, and a group's line is no user's either.
  if (user === "" || user.startsWith("#")) return fail("invalid username");
  if (user.startsWith("@")) return fail("secret not found");
  const secrets = readSecretsFile(module.secretsFile, { strictModes: module.strictModes, isRoot });
  if ("refusal" in secrets) return fail(secrets.refusal.reason, secrets.refusal.detail);
  try {
    return judge(attempt, rule.access, rule.group, secrets.bytes) ?? fail("secret not found");
  } finally {
    secrets.bytes.fill(0);
  }
}

/** `null`: there is no password for the user or the group. */
function judge(
  attempt: LoginAttempt,
  access: Exclude<RuleAccess, "deny">,
  group: ByteString | null,
  secrets: Uint8Array,
): LoginResult | null {
  const { module, peer, user, response } = attempt;
  const names = group === null ? [user] : [user, `@${group}`];
  const passwords = findPasswords(secrets, names);
  if (passwords.length === 0) return null;
  const matches = passwords.filter((password) =>
    constantTimeEqual(answerTo(attempt, password), response),
  );
  if (matches.length > 0) return { ok: true, user, access };
  const reason = "password mismatch";
  return { ok: false, reason, log: [loginFailedLog(module, peer, ` for ${user}: ${reason}`)] };
}

function answerTo({ hash, digest, challenge }: LoginAttempt, password: Uint8Array): ByteString {
  return authResponse(hash, digest, password, challenge);
}

/**
 * The `auth digest` floor of a module, to be asked before a challenge is sent.
 * @returns the line for the log when the digest that was chosen is not good enough.
 */
export function checkDigestFloor(
  module: Pick<ModuleConfig, "name" | "authDigest">,
  peer: ClientPeer,
  chosen: DigestName,
): ByteString | null {
  const { authDigest } = module;
  if (authDigest === "") return null;
  const names: readonly string[] = DIGEST_NAMES;
  const floor = names.indexOf(authDigest.toLowerCase());
  const quoted = `'auth digest = ${authDigest}'`;
  if (floor < 0) {
    const text = `: the configured ${quoted} is not a supported digest on this build`;
    return loginFailedLog(module, peer, text);
  }
  if (names.indexOf(chosen) <= floor) return null;
  const text = `: negotiated auth digest ${chosen} is weaker than the required ${quoted}`;
  return loginFailedLog(module, peer, text);
}
