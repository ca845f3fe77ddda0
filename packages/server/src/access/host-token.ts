/**
 * One token of `hosts allow`, `hosts deny` or `proxy protocol hosts`. Spec: docs/protocol/5-daemon.md, 5.6.2 and 5.6.3.
 * @module
 */
import { compileWildcard, wildmatch } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type Address, equalUnderMask, isLinkLocal, parseAddress, prefixMask } from "./address.js";
import type { HostResolver } from "./resolver.js";

/** A client: its address as `normalizeAddress` gives it, and its name or `UNKNOWN` or `UNDETERMINED`. */
export interface ClientPeer {
  readonly address: string;
  readonly hostName: ByteString;
}

/** What a token needs to know besides the client. */
export interface MatchContext {
  /** Names may be looked up. */
  readonly forwardLookup: boolean;
  readonly resolver: HostResolver;
  log(line: ByteString): void;
}

/**
 * What a token says of a client. `unknown`: the token makes no sense, or its name has no address. Nobody is let in by such a
 * token, and everybody is kept out by it.
 */
export type TokenVerdict = "match" | "no match" | "unknown";

const isWildcard = (token: string): boolean => /[*?[]/.test(token);

const lowerCase = (text: ByteString): ByteString =>
  text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const matchIf = (isMatch: boolean): TokenVerdict => (isMatch ? "match" : "no match");

/**
 * Compares a token with a client.
 * @param token in lower case.
 */
export async function matchHostToken(
  token: ByteString,
  peer: ClientPeer,
  context: MatchContext,
): Promise<TokenVerdict> {
  // There is no way to ask for netgroups.
  if (token.startsWith("@")) return "unknown";
  const name = lowerCase(peer.hostName);
  if (isWildcard(token) && !/[:/]/.test(token)) {
    return matchIf(wildmatch(compileWildcard(token), name));
  }
  if (token === name) return "match";
  if (/^[\d.]+$/.test(token) || /[:/]/.test(token)) return matchAddress(token, peer, context);
  const byAddress = parseAddress(token);
  if (byAddress !== null) return matchIf(isSameAddress(byAddress, peer));
  return context.forwardLookup ? matchLookedUp(token, peer, context) : "no match";
}

async function matchLookedUp(
  token: ByteString,
  peer: ClientPeer,
  { resolver }: MatchContext,
): Promise<TokenVerdict> {
  try {
    const addresses = await resolver.forward(token, 4);
    return addresses.length === 0 ? "unknown" : matchIf(addresses.includes(peer.address));
  } catch {
    return "unknown";
  }
}

function isSameAddress(address: Address, peer: ClientPeer): boolean {
  const client = parseAddress(peer.address);
  return client !== null && equalUnderMask(address, client);
}

/** `ADDRESS`, `ADDRESS/BITS` or `ADDRESS/MASK`. */
function matchAddress(token: ByteString, peer: ClientPeer, { log }: MatchContext): TokenVerdict {
  const slash = token.indexOf("/");
  const address = parseAddress(slash < 0 ? token : token.slice(0, slash));
  if (address === null) {
    log(`malformed address in ${token}`);
    return "unknown";
  }
  if (address.scope !== null && !isLinkLocal(address)) {
    log(`error matching address ${token}: only link-local addresses have a scope`);
    return "unknown";
  }
  const mask = slash < 0 ? null : parseMask(token.slice(slash + 1), address);
  if (mask === undefined) {
    log(`malformed mask in ${token}`);
    return "unknown";
  }
  const client = parseAddress(peer.address);
  if (client === null || !equalUnderMask(address, client, mask)) return "no match";
  return matchIf(address.scope === null || address.scope === client.scope?.toLowerCase());
}

/** The bytes of a mask, given by its length or in the family's own notation. */
function parseMask(text: string, { bytes }: Address): readonly number[] | undefined {
  if (/^\d+$/.test(text)) {
    const bits = Number(text);
    return bits <= bytes.length * 8 ? prefixMask(bits, bytes.length) : undefined;
  }
  const mask = /[.:]/.test(text) ? parseAddress(text) : null;
  return mask?.scope === null && mask.bytes.length === bytes.length ? mask.bytes : undefined;
}

/** The tokens of a list, in lower case. */
export function hostTokens(list: ByteString): ByteString[] {
  return lowerCase(list)
    .split(/[ ,\t]+/)
    .filter(Boolean);
}
