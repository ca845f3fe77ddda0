/**
 * What this program is and can do, as `--version` tells it. Spec: docs/protocol/4-command.md, 14.1.
 * @module
 */

/** A feature: there, not there, or there in the way that the word says. */
export interface Feature {
  name: string;
  present: boolean | "optional" | "default";
}

/** An algorithm that can be negotiated, with its other names. */
export interface Algorithm {
  name: string;
  aliases?: readonly string[];
}

/** The content of the version text. */
export interface VersionFacts {
  version: string;
  protocol: number;
  /** What follows the word `Copyright`. */
  copyright: string;
  url: string;
  bits: { files: number; inums: number; timestamps: number; longInts: number };
  capabilities: readonly Feature[];
  optimizations: readonly Feature[];
  checksums: readonly Algorithm[];
  compressions: readonly Algorithm[];
  daemonAuths: readonly Algorithm[];
  /** Identifier of the licence, such as `MIT`. */
  licence: string;
  /** Lines at the end of the text. */
  licenceText: readonly string[];
  /** The licence in one line, for the JSON form. */
  caveat: string;
}

// In the order that scripts know; `secluded-args` is told apart.
const CAPABILITIES = [
  "socketpairs",
  "symlinks",
  "symtimes",
  "hardlinks",
  "hardlink-specials",
  "hardlink-symlinks",
  "IPv6",
  "atimes",
  "batchfiles",
  "inplace",
  "append",
  "ACLs",
  "ACL-at",
  "xattrs",
  "secluded-args",
  "iconv",
  "prealloc",
  "stop-at",
  "crtimes",
] as const;

/** A capability by its name. */
export type CapabilityName = (typeof CAPABILITIES)[number];

/** All capabilities in their order, those outside of `present` as missing. Secluded arguments are always optional. */
export function capabilityList(present: ReadonlySet<CapabilityName>): Feature[] {
  return CAPABILITIES.map((name) => {
    return { name, present: name === "secluded-args" ? "optional" : present.has(name) };
  });
}
