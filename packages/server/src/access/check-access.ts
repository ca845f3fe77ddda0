/**
 * Who may use a module. Spec: docs/protocol/5-daemon.md, 5.6.1.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { ModuleParameters } from "../config/index.js";
import { UNDETERMINED } from "./client-name.js";
import { type ClientPeer, hostTokens, type MatchContext, matchHostToken } from "./host-token.js";
import { type HostResolver, SYSTEM_RESOLVER } from "./resolver.js";

/** The parameters that decide. */
export type AccessRules = Pick<ModuleParameters, "hostsAllow" | "hostsDeny" | "forwardLookup">;

/** What access control uses; `log` takes lines about tokens that make no sense. */
export interface AccessServices {
  resolver?: HostResolver;
  log?(line: ByteString): void;
}

/** Whether a client may use the module, and its name from now on. */
export interface AccessVerdict {
  readonly isAllowed: boolean;
  /** The token that matched, if its address did and the client had not been given a name. */
  readonly hostName: ByteString;
}

/** Asks `hosts allow`, then `hosts deny`. Who is in neither list gets in, unless there is only a list of the allowed. */
export async function checkAccess(
  rules: AccessRules,
  peer: ClientPeer,
  { resolver = SYSTEM_RESOLVER, log = () => {} }: AccessServices = {},
): Promise<AccessVerdict> {
  const context: MatchContext = { forwardLookup: rules.forwardLookup, resolver, log };
  // A list of separators alone is a list all the same: an allow list that lets in nobody.
  if (rules.hostsAllow !== "") {
    const allowed = await matchList(rules.hostsAllow, peer, context, "no match");
    if (allowed !== null) return { isAllowed: true, hostName: allowed };
    if (rules.hostsDeny === "") return { isAllowed: false, hostName: peer.hostName };
  }
  const denied = await matchList(rules.hostsDeny, peer, context, "match");
  return { isAllowed: denied === null, hostName: denied ?? peer.hostName };
}

/**
 * The name of the client once a token matches, or `null` when none does.
 * @param unknownMeans what to make of names that do not resolve and of tokens that make no sense.
 */
async function matchList(
  list: ByteString,
  peer: ClientPeer,
  context: MatchContext,
  unknownMeans: "match" | "no match",
): Promise<ByteString | null> {
  for (const token of hostTokens(list)) {
    const verdict = await matchHostToken(token, peer, context);
    if (verdict === "match") return shownName(token, peer);
    if (verdict === "unknown" && unknownMeans === "match") return peer.hostName;
  }
  return null;
}

/** A plain name that was looked up is better than none. */
function shownName(token: ByteString, { hostName }: ClientPeer): ByteString {
  const isPlainName = !/[*?[:/]/.test(token) && /[^\d.]/.test(token);
  return hostName === UNDETERMINED && isPlainName ? token : hostName;
}

/**
 * Whether a peer may say on whose behalf it speaks (5.6.4). An empty list trusts nobody.
 * @param hosts the value of `proxy protocol hosts`; names in it never match.
 */
export async function isTrustedProxy(
  hosts: ByteString,
  address: string,
  { resolver = SYSTEM_RESOLVER, log = () => {} }: AccessServices = {},
): Promise<boolean> {
  const peer = { address, hostName: UNDETERMINED };
  const context = { forwardLookup: false, resolver, log };
  return (await matchList(hosts, peer, context, "no match")) !== null;
}
