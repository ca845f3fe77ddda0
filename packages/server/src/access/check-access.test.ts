import { describe, expect, test } from "vitest";
import { checkAccess, isTrustedProxy } from "./check-access.js";
import { UNDETERMINED, UNKNOWN } from "./client-name.js";
import type { HostResolver } from "./resolver.js";

const NAMES: Record<string, string[]> = {
  "good.example": ["192.0.2.1", "192.0.2.7"],
  "other.example": ["198.51.100.1"],
  "empty.example": [],
};

const resolver: HostResolver = {
  reverse: () => Promise.reject(new Error("not asked for")),
  forward: (name) =>
    NAMES[name] === undefined
      ? Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }))
      : Promise.resolve(NAMES[name]),
};

interface Case {
  allow?: string;
  deny?: string;
  address?: string;
  name?: string;
  forwardLookup?: boolean;
}

async function check(given: Case) {
  const lines: string[] = [];
  const rules = {
    hostsAllow: given.allow ?? "",
    hostsDeny: given.deny ?? "",
    forwardLookup: given.forwardLookup ?? true,
  };
  const peer = { address: given.address ?? "192.0.2.7", hostName: given.name ?? UNKNOWN };
  const verdict = await checkAccess(rules, peer, { resolver, log: (line) => lines.push(line) });
  return { ...verdict, lines };
}

const isAllowed = async (given: Case): Promise<boolean> => (await check(given)).isAllowed;

describe("the two lists", () => {
  test.each<[string, Case, boolean]>([
    ["without lists everybody", {}, true],
    ["a match in allow", { allow: "192.0.2.7" }, true],
    ["no match in allow alone", { allow: "192.0.2.8" }, false],
    ["allow wins over deny", { allow: "192.0.2.7", deny: "*" }, true],
    ["a host in neither list", { allow: "192.0.2.8", deny: "192.0.2.9" }, true],
    ["a match in deny", { allow: "192.0.2.8", deny: "192.0.2.7" }, false],
    ["an allow list of separators", { allow: " , " }, false],
  ])("%s", async (_, given, expected) => expect(await isAllowed(given)).toBe(expected));
});

describe("tokens of an allow list", () => {
  test.each<[string, Case, boolean]>([
    ["*", {}, true],
    ["*.example.com", { name: "Foo.Example.COM" }, true],
    ["[F-G]oo.*", { name: "foo.example.com" }, true],
    ["*.example.com", { name: "example.com" }, false],
    ["192.*", {}, false],
    ["HOST.example", { name: "host.Example" }, true],
    ["good.example", {}, true],
    ["good.example", { forwardLookup: false }, false],
    ["other.example", {}, false],
    ["none.example", {}, false],
    ["ALL", {}, false],
    ["@group", {}, false],
    ["10.0.0.1, 192.0.2.7\tx", {}, true],
    ["192.0.2.07", {}, true],
    ["192.0.2.0/24", {}, true],
    ["192.0.2.0/29", {}, true],
    ["192.0.2.0/30", {}, false],
    ["10.0.0.0/0", {}, true],
    ["::/0", {}, false],
    ["::/0", { address: "2001:db8::1" }, true],
    ["0.0.0.0/0", { address: "2001:db8::1" }, false],
    ["192.0.2.0/255.255.255.0", {}, true],
    ["0.0.0.7/0.0.0.255", {}, true],
    ["0.0.0.8/0.0.0.255", {}, false],
    ["2001:DB8::/32", { address: "2001:db8:1::1" }, true],
    ["2001:db8::/ffff:ffff::", { address: "2001:db8:1::1" }, true],
    ["2001:db8::/ffff:ffff::", { address: "2001:db9::1" }, false],
    ["fe80::1%ETH0", { address: "fe80::1%eth0" }, true],
    ["fe80::/10", { address: "fe80::1%eth0" }, true],
    ["fe80::%eth1/10", { address: "fe80::1%eth0" }, false],
  ])("%s for %j: %s", async (allow, given, expected) => {
    expect(await isAllowed({ ...given, allow })).toBe(expected);
  });
});

describe("what can not be understood", () => {
  test.each([
    ["192.0.2.0/33", "malformed mask in 192.0.2.0/33"],
    ["192.0.2.0/", "malformed mask in 192.0.2.0/"],
    ["192.0.2.0/x", "malformed mask in 192.0.2.0/x"],
    ["192.0.2.0/-1", "malformed mask in 192.0.2.0/-1"],
    ["192.0.2.0/::", "malformed mask in 192.0.2.0/::"],
    ["192.0.2.0/1.2.3.4.5", "malformed mask in 192.0.2.0/1.2.3.4.5"],
    ["192.0.2.0/24/24", "malformed mask in 192.0.2.0/24/24"],
    ["2001:db8::/129", "malformed mask in 2001:db8::/129"],
    ["/24", "malformed address in /24"],
    ["192.0.2.*/24", "malformed address in 192.0.2.*/24"],
    ["192.0.2.300", "malformed address in 192.0.2.300"],
    ["[::1]", "malformed address in [::1]"],
    [
      "2001:db8::1%eth0",
      "error matching address 2001:db8::1%eth0: only link-local addresses have a scope",
    ],
  ])("%s lets nobody in, keeps everybody out and is logged", async (token, line) => {
    expect(await check({ allow: token })).toMatchObject({ isAllowed: false, lines: [line] });
    expect(await check({ deny: token })).toMatchObject({ isAllowed: false, lines: [line] });
  });
});

describe("names in a deny list", () => {
  test("a name that does not resolve keeps out, unless lookups are off", async () => {
    expect(await isAllowed({ deny: "none.example" })).toBe(false);
    expect(await isAllowed({ deny: "none.example", forwardLookup: false })).toBe(true);
  });

  test("a name without IPv4 addresses keeps out", async () => {
    expect(await isAllowed({ deny: "empty.example" })).toBe(false);
    expect(await isAllowed({ allow: "empty.example" })).toBe(false);
  });

  test("a name with other addresses does not", async () => {
    expect(await isAllowed({ deny: "other.example" })).toBe(true);
  });

  test("a netgroup keeps out", async () => expect(await isAllowed({ deny: "@x" })).toBe(false));
});

test("a name that matched by its address is shown for a client without one", async () => {
  const allow = "other.example GOOD.example";
  expect((await check({ allow, name: UNDETERMINED })).hostName).toBe("good.example");
  expect((await check({ allow, name: UNKNOWN })).hostName).toBe(UNKNOWN);
  expect((await check({ allow: "*", name: UNDETERMINED })).hostName).toBe(UNDETERMINED);
  expect((await check({ allow: "192.0.2.7", name: UNDETERMINED })).hostName).toBe(UNDETERMINED);
});

test("huge lists are walked in linear time", async () => {
  const deny = `${"10.0.0.0/8,".repeat(50_000)}${"*a".repeat(1000)}b`;
  const start = performance.now();
  expect(await isAllowed({ deny, name: "a".repeat(255) })).toBe(true);
  expect(performance.now() - start).toBeLessThan(5000);
});

test("only listed addresses may speak for others; an empty list trusts nobody", async () => {
  const ask = (hosts: string) => isTrustedProxy(hosts, "192.0.2.7", { resolver });
  expect(await ask("")).toBe(false);
  expect(await ask("good.example")).toBe(false);
  expect(await ask("192.0.2.0/24")).toBe(true);
  expect(await ask("*")).toBe(true);
});
