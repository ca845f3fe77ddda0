/**
 * What this build can do, as `--version` tells it.
 * @module
 */
import { DIGEST_NAMES, PROTOCOL_VERSION } from "@tsrsync/protocol/handshake";
import { SUPPORTED_CHECKSUMS, SUPPORTED_COMPRESSIONS } from "@tsrsync/transfer";
import { VERSION } from "../version.js";
import { capabilityList, type VersionFacts } from "./help/index.js";

export const VERSION_FACTS: VersionFacts = {
  version: VERSION,
  protocol: PROTOCOL_VERSION,
  copyright: "(C) 2026 by the tsrsync authors.",
  url: "https://github.com/tsrsync/tsrsync",
  bits: { files: 64, inums: 64, timestamps: 64, longInts: 64 },
  capabilities: capabilityList(
    new Set([
      "symlinks", //
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
      "xattrs",
      "iconv",
      "prealloc",
      "stop-at",
    ]),
  ),
  optimizations: [{ name: "SIMD-roll", present: true }],
  checksums: SUPPORTED_CHECKSUMS.map((name) =>
    name === "xxh64" ? { name, aliases: ["xxhash"] } : { name },
  ),
  compressions: SUPPORTED_COMPRESSIONS.map((name) => ({ name })),
  daemonAuths: DIGEST_NAMES.map((name) => ({ name })),
  licence: "MIT",
  licenceText: [
    "tsrsync comes with ABSOLUTELY NO WARRANTY.  This is free software, and you",
    "are welcome to redistribute it under the terms of the MIT licence.",
    "See the file LICENSE for details.",
  ],
  caveat: "tsrsync comes with ABSOLUTELY NO WARRANTY",
};
