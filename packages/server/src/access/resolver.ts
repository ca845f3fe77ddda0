/**
 * Names of hosts and their addresses.
 * @module
 */
import { lookup, lookupService } from "node:dns/promises";

/** What access control asks of name services. Both reject when there is no answer. */
export interface HostResolver {
  /** The name of an address. */
  reverse(address: string): Promise<string>;
  /** All addresses of a name, or only those of IPv4. */
  forward(name: string, family?: 4): Promise<readonly string[]>;
}

/** The name services of this machine: its files as well as DNS. */
export const SYSTEM_RESOLVER: HostResolver = {
  async reverse(address) {
    // Any port will do: only the host is asked for.
    return (await lookupService(address, 0)).hostname;
  },
  async forward(name, family) {
    const found = await lookup(name, { all: true, ...(family && { family }) });
    return found.map(({ address }) => address);
  },
};

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: "Name or service not known",
  ENODATA: "No address associated with hostname",
  EAI_AGAIN: "Temporary failure in name resolution",
};

/** Why a lookup failed, in the words of a C resolver. */
export function lookupReason(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message ?? String(error);
}
