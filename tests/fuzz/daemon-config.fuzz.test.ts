/** The files of a daemon's operator: rsyncd.conf with what it includes, and secrets. They may be wrong, but never harmful. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { ExitCode } from "@tsrsync/protocol";
import { decodeByteString } from "@tsrsync/protocol/wire";
import { afterAll, beforeAll } from "vitest";
import { parseAuthRules } from "../../packages/server/src/auth/auth-rules.js";
import { findPasswords } from "../../packages/server/src/auth/secrets-file.js";
import { expandVariables, loadConfig } from "../../packages/server/src/config/index.js";
import { lexConfig } from "../../packages/server/src/config/lexer.js";
import { fuzzDecoder, seedsOf } from "./fuzz-decoder.js";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(`${tmpdir()}/tsrsync-fuzz-config-`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const CONFIGS = seedsOf(
  "uid = nobody\nuse chroot = no\nmax connections = 4\n[m]\npath = /srv\n\tcomment = a \\\nb\nread only = yes\n",
  "# comment\n[a]\npath=/%V%/%MANY%\nauth users = alice, @g:rw, *:deny\nhosts allow = 10.0.0.0/8 ::1\n",
  "&include conf\n&merge other\n[ global ]\nport = 99999999999\ntimeout = -1\n",
  "[x\n]\n= y\n\\\n\r\0log format = %o %h\n",
);

fuzzDecoder({
  name: "statements of rsyncd.conf",
  seeds: CONFIGS,
  exitCodes: [ExitCode.Usage],
  decode: ({ bytes }) => [...lexConfig(decodeByteString(bytes))],
});

fuzzDecoder({
  name: "rsyncd.conf",
  seeds: CONFIGS,
  exitCodes: [ExitCode.Usage],
  allowance: 1 << 26,
  decode({ bytes }) {
    writeFileSync(`${directory}/conf`, bytes);
    const env = { V: "vee", MANY: "12" };
    return loadConfig(`${directory}/conf`, { env });
  },
});

fuzzDecoder({
  name: "variables in a value",
  seeds: seedsOf("%A%B%%", "a%RSYNC_USER_NAME%b", "%", "%%", "%-5A%"),
  exitCodes: [ExitCode.Usage],
  decode: ({ bytes }) => expandVariables(decodeByteString(bytes), { A: "%B%", B: "%A%" }),
});

fuzzDecoder({
  name: "auth users",
  seeds: seedsOf("alice bob, @staff:ro *:deny", ",,: :rw", "a\t\tb"),
  exitCodes: [],
  decode: ({ bytes }) => parseAuthRules(decodeByteString(bytes)),
});

fuzzDecoder({
  name: "secrets file",
  seeds: seedsOf(
    "# c\nalice:correct\n@staff:p\r\nalice:second\n",
    "alice\n:x\nalice:\0",
    "a".repeat(3000),
  ),
  exitCodes: [],
  decode: ({ bytes }) => findPasswords(bytes, ["alice", "@staff", ""]),
});
