/**
 * The name of a client: what its address resolves to, if that name has the address too.
 *
 * Spec: docs/protocol/5-daemon.md, 5.6.3.
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import { equalUnderMask, parseAddress } from "./address.js";
import { type HostResolver, lookupReason, SYSTEM_RESOLVER } from "./resolver.js";

/** The name of a client that was not looked up. */
export const UNDETERMINED = "UNDETERMINED";

/** The name of a client that has none that can be trusted. */
export const UNKNOWN = "UNKNOWN";

/**
 * Looks up the name of a client, to be done once per connection and before any chroot.
 * @param address as `normalizeAddress` gives it.
 * @param log takes a line when the name is not known or not believed.
 */
export async function lookUpClientName(
  address: string,
  log: (line: ByteString) => void,
  resolver: HostResolver = SYSTEM_RESOLVER,
): Promise<ByteString> {
  let name: string;
  try {
    name = await resolver.reverse(address);
  } catch (error) {
    log(`name lookup failed for ${address}: ${lookupReason(error)}`);
    return UNKNOWN;
  }
  const shown = byteStringFromText(name);
  try {
    if (await hasAddress(resolver, name, address)) return shown;
    log(`${address} is not a known address for "${shown}": spoofed address?`);
  } catch (error) {
    log(`forward name lookup for ${shown} failed: ${lookupReason(error)}`);
  }
  return UNKNOWN;
}

async function hasAddress(resolver: HostResolver, name: string, address: string): Promise<boolean> {
  const wanted = parseAddress(address);
  if (wanted === null) return false;
  const known = await resolver.forward(name);
  return known.some((text) => {
    const candidate = parseAddress(text);
    return candidate !== null && equalUnderMask(candidate, wanted);
  });
}
