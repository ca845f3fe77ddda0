import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { equalUnderMask, normalizeAddress, parseAddress, prefixMask } from "./address.js";

const hex = (text: string): string | null => {
  const address = parseAddress(text);
  return address && Buffer.from(address.bytes).toString("hex");
};

test.each([
  ["127.0.0.1", "7f000001"],
  ["127.0.0.05", "7f000005"],
  ["127.0.0.010", "7f000008"],
  ["0x7f.1", "7f000001"],
  ["127.1", "7f000001"],
  ["1.2.772", "01020304"],
  ["16909060", "01020304"],
  ["4294967295", "ffffffff"],
  ["0", "00000000"],
  ["::", "00".repeat(16)],
  ["::1", `${"00".repeat(15)}01`],
  ["2001:DB8::a:1", "20010db80000000000000000000a0001"],
  ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
  ["::ffff:1.2.3.4", "00000000000000000000ffff01020304"],
  ["fe80::1%eth0", `fe80${"00".repeat(13)}01`],
])("%s is %s", (text, bytes) => expect(hex(text)).toBe(bytes));

test.each([
  "",
  ".",
  "1.2.3.256",
  "1.2.3.4.5",
  "256.1",
  "08.0.0.1",
  "4294967296",
  "1.2.3.-4",
  "1..2.3",
  "localhost",
  "0x",
  "0x123456789",
  ":::",
  "1:2",
  "::1%",
  "::1%a%b",
  "1.2.3.4%eth0",
  "9".repeat(100_000),
])("%j is no address", (text) => expect(parseAddress(text)).toBeNull());

test("a mapped client is one of IPv4", () => {
  expect(normalizeAddress("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(normalizeAddress("::FFFF:c000:207")).toBe("192.0.2.7");
  expect(normalizeAddress("2001:db8::1")).toBe("2001:db8::1");
  expect(normalizeAddress("192.0.2.7")).toBe("192.0.2.7");
});

test("whatever Node takes for an address we do, too", () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
      expect(parseAddress(text)?.bytes).toHaveLength(isIP(text) === 4 ? 4 : 16);
    }),
  );
});

test("a prefix compares as many bits as it says", () => {
  const bytes = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 });
  const bits = (address: readonly number[]) =>
    address.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  fc.assert(
    fc.property(bytes, fc.nat(31), fc.nat(32), (a, flipped, count) => {
      const b = a.map((byte, i) => (i === flipped >> 3 ? byte ^ (0x80 >> (flipped & 7)) : byte));
      const isEqual = bits(a).slice(0, count) === bits(b).slice(0, count);
      const [left, right] = [a, b].map((each) => ({ bytes: each, scope: null }));
      expect(equalUnderMask(left!, right!, prefixMask(count, 4))).toBe(isEqual);
    }),
  );
});
