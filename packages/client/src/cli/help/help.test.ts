import { expect, test } from "vitest";
import optionTable from "../../../../../docs/protocol/options.json" with { type: "json" };
import { daemonHelpText, helpText } from "./help-text.js";
import { type CapabilityName, capabilityList, type VersionFacts } from "./version-facts.js";
import { versionJson, versionLine, versionText } from "./version-text.js";
import { fillLines } from "./wrap.js";

const names = (text: string) => text.split(" ").map((name) => ({ name }));

// What rsync 3.5.0 is on the reference machine; copyright and licence are ours to choose.
const FACTS: VersionFacts = {
  version: "3.5.0",
  protocol: 32,
  copyright: "(C) ours",
  url: "https://example.org/",
  bits: { files: 64, inums: 64, timestamps: 64, longInts: 64 },
  capabilities: capabilityList(
    new Set<CapabilityName>([
      ...["socketpairs", "symlinks", "symtimes", "hardlinks", "hardlink-specials"],
      ...["hardlink-symlinks", "IPv6", "atimes", "batchfiles", "inplace", "append", "ACLs"],
      ...["ACL-at", "xattrs", "iconv", "prealloc", "stop-at"],
    ] as CapabilityName[]),
  ),
  optimizations: [
    { name: "SIMD-roll", present: true },
    { name: "asm-roll", present: false },
    { name: "openssl-crypto", present: true },
    { name: "asm-MD5", present: false },
  ],
  checksums: [
    ...names("xxh128 xxh3"),
    { name: "xxh64", aliases: ["xxhash"] },
    ...names("md5 md4 sha1 none"),
  ],
  compressions: names("zstd lz4 zlibx zlib none"),
  daemonAuths: names("sha512 sha256 sha1 md5 md4"),
  licence: "MIT",
  licenceText: ["Free software."],
  caveat: "no warranty",
};

test("the version text has rsync's layout, line for line", () => {
  expect(versionText(FACTS)).toBe(`tsrsync  version 3.5.0  protocol version 32
Copyright (C) ours
Web site: https://example.org/
Capabilities:
    64-bit files, 64-bit inums, 64-bit timestamps, 64-bit long ints,
    socketpairs, symlinks, symtimes, hardlinks, hardlink-specials,
    hardlink-symlinks, IPv6, atimes, batchfiles, inplace, append, ACLs,
    ACL-at, xattrs, optional secluded-args, iconv, prealloc, stop-at,
    no crtimes
Optimizations:
    SIMD-roll, no asm-roll, openssl-crypto, no asm-MD5
Checksum list:
    xxh128 xxh3 xxh64 (xxhash) md5 md4 sha1 none
Compress list:
    zstd lz4 zlibx zlib none
Daemon auth list:
    sha512 sha256 sha1 md5 md4

Free software.
`);
});

test("the JSON form has rsync's layout, line for line", () => {
  const json = versionJson(FACTS);
  expect(json).toBe(`{
  "program": "tsrsync",
  "version": "3.5.0",
  "protocol": "32.0",
  "copyright": "(C) ours",
  "url": "https://example.org/",
  "capabilities": {
    "file_bits": 64, "inum_bits": 64, "timestamp_bits": 64,
    "long_int_bits": 64, "socketpairs": true, "symlinks": true,
    "symtimes": true, "hardlinks": true, "hardlink_specials": true,
    "hardlink_symlinks": true, "IPv6": true, "atimes": true,
    "batchfiles": true, "inplace": true, "append": true, "ACLs": true,
    "ACL_at": true, "xattrs": true, "secluded_args": "optional",
    "iconv": true, "prealloc": true, "stop_at": true, "crtimes": false
  },
  "optimizations": {
    "SIMD_roll": true, "asm_roll": false, "openssl_crypto": true,
    "asm_MD5": false
  },
  "checksum_list": [
    "xxh128", "xxh3", "xxh64", "md5", "md4", "sha1", "none"
  ],
  "compress_list": [
    "zstd", "lz4", "zlibx", "zlib", "none"
  ],
  "daemon_auth_list": [
    "sha512", "sha256", "sha1", "md5", "md4"
  ],
  "license": "MIT",
  "caveat": "no warranty"
}
`);
  expect(JSON.parse(json)).toHaveProperty("capabilities.secluded_args", "optional");
});

test("scripts find the numbers in the first line", () => {
  const line = versionLine({ version: "0.1.0", protocol: 32 });
  expect(/rsync {2}version (\S+) {2}protocol version (\d+)/.exec(line)?.slice(1)).toEqual([
    "0.1.0",
    "32",
  ]);
  expect(line.split(/\s+/)[2]).toBe("0.1.0");
});

test("help has each listed option at the start of a line, with its argument and its letter", () => {
  const lines = helpText(optionTable, FACTS).split("\n");
  const listed = optionTable.filter((option) => option.inHelp && option.mode === "client");
  for (const { name, short, arg, aliases } of listed) {
    const head = name === null ? `-${short}` : `--${name}${arg === null ? "" : `=${arg}`}`;
    const matching = lines.filter((line) => line.split(/,? /)[0] === head);
    expect(matching, head).toHaveLength(1);
    if (name !== null && short !== null) expect(matching[0]).toContain(`, -${short}`);
    for (const alias of aliases)
      expect(lines.some((line) => line.startsWith(`--${alias} `))).toBe(true);
  }
  expect(lines.some((line) => line.startsWith("--remove-sent-files"))).toBe(false);
  expect(lines.every((line) => line.length <= 80)).toBe(true);
});

test("summaries start in column 25, below a head that reaches it", () => {
  const text = helpText(optionTable, FACTS);
  expect(text).toContain("\n--verbose, -v            Raise verbosity;");
  expect(text).toContain(`\n--copy-as=USER[:GROUP]   Switch`);
  expect(text).toContain(`\n--stderr=errors|all|client\n${" ".repeat(25)}Choose`);
});

test("an option that is on by default shows how to turn it off", () => {
  expect(helpText(optionTable, FACTS)).toContain("\n--motd, --no-motd        Show");
});

test("the daemon has its own list", () => {
  const text = daemonHelpText(optionTable, FACTS);
  expect(text).toContain("\n--config=FILE ");
  expect(text).not.toContain("\n--archive");
  expect(text).not.toContain("\n--protocol");
});

test("lines are filled to the last column and no further", () => {
  expect(fillLines(["aaa", "bbb", "c"], ", ", 1, 9)).toEqual([" aaa,", " bbb, c"]);
  expect(fillLines(["aaa", "bbb", "c"], ", ", 1, 10)).toEqual([" aaa, bbb,", " c"]);
  expect(fillLines(["wide-item", "b"], " ", 2, 5)).toEqual(["  wide-item", "  b"]);
  expect(fillLines([], " ", 2, 5)).toEqual([]);
});
