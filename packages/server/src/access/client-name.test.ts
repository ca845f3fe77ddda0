import { expect, test } from "vitest";
import { lookUpClientName, UNKNOWN } from "./client-name.js";
import { type HostResolver, SYSTEM_RESOLVER } from "./resolver.js";

const failure = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));

async function lookUp(address: string, resolver: HostResolver) {
  const lines: string[] = [];
  const name = await lookUpClientName(address, (line) => lines.push(line), resolver);
  return { name, lines };
}

test("a name that has the address is believed, in the case of the resolver", async () => {
  const resolver: HostResolver = {
    reverse: () => Promise.resolve("Foo.Example.COM"),
    forward: () => Promise.resolve(["192.0.2.1", "2001:DB8:0::7"]),
  };
  expect(await lookUp("2001:db8::7", resolver)).toEqual({ name: "Foo.Example.COM", lines: [] });
});

test.each<[string, HostResolver, string]>([
  [
    "an address without name",
    { reverse: () => failure("ENOTFOUND"), forward: () => failure("ENOTFOUND") },
    "name lookup failed for 192.0.2.9: Name or service not known",
  ],
  [
    "a name without address",
    { reverse: () => Promise.resolve("x.example"), forward: () => failure("EAI_AGAIN") },
    "forward name lookup for x.example failed: Temporary failure in name resolution",
  ],
  [
    "a name with another address",
    { reverse: () => Promise.resolve("x.example"), forward: () => Promise.resolve(["192.0.2.8"]) },
    '192.0.2.9 is not a known address for "x.example": spoofed address?',
  ],
])("%s is unknown", async (_, resolver, line) => {
  expect(await lookUp("192.0.2.9", resolver)).toEqual({ name: UNKNOWN, lines: [line] });
});

test("the name services of this machine know the loopback", async () => {
  expect(await SYSTEM_RESOLVER.forward("localhost", 4)).toContain("127.0.0.1");
  expect(await SYSTEM_RESOLVER.reverse("127.0.0.1")).toBeTruthy();
});
