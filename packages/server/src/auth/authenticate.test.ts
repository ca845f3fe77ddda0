import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuthDigest, authResponse, type DigestName } from "@tsrsync/protocol/handshake";
import { loadLoginDigest } from "@tsrsync/transfer";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authenticate, checkDigestFloor, loginFailedLine } from "./authenticate.js";
import { findPasswords } from "./secrets-file.js";
import type { UserDatabase } from "./user-database.js";

const isRootProcess = process.getuid?.() === 0;

let directory = "";
let secretsFile = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tsrsync-auth-"));
  secretsFile = join(directory, "secrets");
});
afterEach(() => rmSync(directory, { recursive: true }));

const users: UserDatabase = {
  accounts: () => [{ name: "joe", uid: 1000, gid: 100 }],
  groups: () => [
    { name: "staff", gid: 100, members: [] },
    { name: "wheel", gid: 10, members: ["joe"] },
  ],
};
const peer = { address: "192.0.2.7", hostName: "host.example" };
const SECRETS = "joe:pw\njoe:other\nsue:a:b c \r\nempty:\n@wheel:grouppw\n#c:pw\n:nobody\nlast:end";

interface Login {
  authUsers?: string;
  secrets?: string;
  mode?: number;
  strictModes?: boolean;
  digest?: AuthDigest;
  isRoot?: boolean;
  file?: string;
}

async function login(user: string, password: string, given: Login = {}) {
  writeFileSync(secretsFile, given.secrets ?? SECRETS, { encoding: "latin1" });
  chmodSync(secretsFile, given.mode ?? 0o600);
  const digest = given.digest ?? { name: "sha512", legacy: false };
  const hash = await loadLoginDigest(digest.name);
  const challenge = "challenge";
  const module = {
    name: "m",
    authUsers: given.authUsers ?? "*",
    secretsFile: given.file ?? secretsFile,
    strictModes: given.strictModes ?? true,
  };
  const response = authResponse(hash, digest, Buffer.from(password, "latin1"), challenge);
  const attempt = { module, peer, user, response, challenge, digest, hash };
  return authenticate(attempt, { users, isRoot: given.isRoot ?? false });
}

const failure = (user: string, reason: string, ...before: string[]) => ({
  ok: false,
  reason,
  log: [...before, `auth failed on module m from host.example (192.0.2.7) for ${user}: ${reason}`],
});

describe("who logs in", () => {
  test.each<[string, string, string, Login]>([
    ["a user with the password", "joe", "pw", {}],
    ["a password with colons and blanks", "sue", "a:b c ", {}],
    ["an empty password", "empty", "", {}],
    ["a last line without end", "last", "end", {}],
    ["a member of a group with the group's password", "joe", "grouppw", { authUsers: "@wh*" }],
    ["a member of a group with the own password", "joe", "pw", { authUsers: "@wheel" }],
    ["a group may read the file", "joe", "pw", { mode: 0o660 }],
    ["others may execute the file", "joe", "pw", { mode: 0o601 }],
    [
      "others may read it when modes do not matter",
      "joe",
      "pw",
      { mode: 0o644, strictModes: false },
    ],
  ])("%s", async (_, user, password, given) => {
    expect(await login(user, password, given)).toEqual({ ok: true, user, access: null });
  });

  test.each<DigestName>(["sha512", "sha256", "sha1", "md5", "md4"])("with %s", async (name) => {
    const digest = { name, legacy: false };
    expect(await login("joe", "pw", { digest })).toMatchObject({ ok: true });
    expect(await login("joe", "PW", { digest })).toMatchObject({ ok: false });
  });

  test("with the md4 of old clients", async () => {
    const digest: AuthDigest = { name: "md4", legacy: true };
    expect(await login("joe", "pw", { digest })).toMatchObject({ ok: true });
  });

  test("the rule says what is allowed", async () => {
    expect(await login("joe", "pw", { authUsers: "joe:rw" })).toMatchObject({ access: "rw" });
  });
});

describe("why a login fails", () => {
  test.each<[string, string, string, Login]>([
    ["joe", "wrong", "password mismatch", {}],
    ["joe", "other", "password mismatch", {}],
    ["joe", "grouppw", "password mismatch", {}],
    ["joe", "grouppw", "password mismatch", { authUsers: "@staff" }],
    ["jim", "pw", "secret not found", {}],
    ["sue:a", "b c ", "secret not found", {}],
    ["@wheel", "grouppw", "secret not found", {}],
    ["#c", "pw", "invalid username", {}],
    ["", "nobody", "invalid username", {}],
    ["joe", "pw", "no matching rule", { authUsers: "jo" }],
    ["joe", "pw", "no matching rule", { authUsers: "," }],
    ["joe", "pw", "denied by rule", { authUsers: "@staff:deny *" }],
    ["joe", "pw", "no secrets file", { file: "" }],
    ["joe", "pw", "no secrets file", { file: "/no/such" }],
    ["joe", "pw", "no secrets file", { file: "/tmp" }],
    ["joe", "pw", "no secrets file", { file: "/dev/zero" }],
    ["joe", "pw", "secret not found", { secrets: "joe\n joe:pw\njoe :pw\n" }],
    ["joe", "pw", "password mismatch", { secrets: "joe: pw\n" }],
  ])("%j with %j: %s", async (user, password, reason, given) => {
    expect(await login(user, password, given)).toEqual(failure(user, reason));
  });

  test.each([0o604, 0o602, 0o644])("a file of mode %o", async (mode) => {
    const detail = "secrets file must not be other-accessible (see strict modes option)";
    const expected = failure("joe", "ignoring secrets file", detail);
    expect(await login("joe", "pw", { mode })).toEqual(expected);
  });

  test.runIf(isRootProcess)("a file that is not root's, for a daemon of root", async () => {
    writeFileSync(secretsFile, "");
    chownSync(secretsFile, 1234, 1234);
    const detail = "secrets file must be owned by root when running as root (see strict modes)";
    const expected = failure("joe", "ignoring secrets file", detail);
    expect(await login("joe", "pw", { isRoot: true })).toEqual(expected);
    expect(await login("joe", "pw", { isRoot: false })).toMatchObject({ ok: true });
  });

  test.runIf(isRootProcess)("a file behind a stranger's link", async () => {
    const file = join(directory, "link");
    symlinkSync("secrets", file);
    expect(await login("joe", "pw", { file })).toMatchObject({ ok: true });
    lchownSync(file, 1234, 1234);
    expect(await login("joe", "pw", { file })).toEqual(failure("joe", "no secrets file"));
  });
});

test("an answer without response names no user", () => {
  const module = { name: "m", authUsers: "*", secretsFile: "", strictModes: true };
  const digest: AuthDigest = { name: "md5", legacy: false };
  const hash = () => new Uint8Array(16);
  const attempt = { module, peer, user: "x", response: "", challenge: "c", digest, hash };
  expect(authenticate(attempt)).toEqual({
    ok: false,
    reason: "invalid challenge response",
    log: ["auth failed on module m from host.example (192.0.2.7): invalid challenge response"],
  });
});

test.each([
  ["a user that no rule knows", { authUsers: "jo" }],
  ["a user without password", { secrets: "" }],
  ["a wrong password", {}],
])("a digest is computed for %s", (_, given: Login) => {
  writeFileSync(secretsFile, given.secrets ?? SECRETS);
  chmodSync(secretsFile, 0o600);
  let digests = 0;
  const hash = () => {
    digests++;
    return new Uint8Array(64);
  };
  const authUsers = given.authUsers ?? "*";
  const module = { name: "m", authUsers, secretsFile, strictModes: true };
  const digest: AuthDigest = { name: "sha512", legacy: false };
  authenticate({ module, peer, user: "joe", response: "x", challenge: "c", digest, hash });
  expect(digests).toBe(1);
});

test("a long line counts for 1023 bytes, and its rest is no line of its own", () => {
  const line = `joe:${"x".repeat(1019)}root:pw`;
  const bytes = Buffer.from(`${line}\nsue:y\n`);
  expect(findPasswords(bytes, ["joe"]).map(String)).toEqual([String(Buffer.alloc(1019, "x"))]);
  expect(findPasswords(bytes, ["root"])).toEqual([]);
  expect(findPasswords(bytes, ["sue"])).toHaveLength(1);
});

test("a comment is no line of a user, even of one that is called so", () => {
  expect(findPasswords(Buffer.from("#c:pw\n"), ["#c"])).toEqual([]);
});

test("any file gives each name at most one password, which is found again in the file", () => {
  const piece = fc.constantFrom("a", "b", ":", "@", "#", "\n", "\r", "\0", " ", "\xff");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      const text = pieces.join("");
      const passwords = findPasswords(Buffer.from(text, "latin1"), ["a", "@a"]);
      expect(passwords.length).toBeLessThanOrEqual(2);
      for (const password of passwords) {
        const value = Buffer.from(password).toString("latin1");
        const line = (name: string) => text.split(/[\r\n]/).includes(`${name}:${value}`);
        expect(line("a") || line("@a")).toBe(true);
      }
    }),
  );
});

test("clients are told the same whatever failed", () => {
  expect(loginFailedLine({ name: "m" })).toBe("@ERROR: auth failed on module m");
});

describe("auth digest", () => {
  const check = (authDigest: string, chosen: DigestName) =>
    checkDigestFloor({ name: "m", authDigest }, peer, chosen);
  const start = "auth failed on module m from host.example (192.0.2.7): ";

  test("lets digests pass that are at least as strong", () => {
    expect(check("", "md4")).toBeNull();
    expect(check("SHA256", "sha256")).toBeNull();
    expect(check("sha256", "sha512")).toBeNull();
  });

  test("refuses weaker ones, and everything when it names none", () => {
    expect(check("sha256", "sha1")).toBe(
      `${start}negotiated auth digest sha1 is weaker than the required 'auth digest = sha256'`,
    );
    expect(check("blake3", "sha512")).toBe(
      `${start}the configured 'auth digest = blake3' is not a supported digest on this build`,
    );
  });
});
