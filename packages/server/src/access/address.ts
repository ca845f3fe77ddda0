/**
 * Addresses of clients and of access lists, as bytes. Spec: docs/protocol/5-daemon.md, 5.6.2.
 * @module
 */
import { isIPv6 } from "node:net";
import { byteStringFromText } from "@tsrsync/protocol/wire";

/** An address: 4 or 16 bytes, and the interface of a link-local one (`eth0` of `fe80::1%eth0`). */
export interface Address {
  readonly bytes: readonly number[];
  readonly scope: string | null;
}

const MAPPED_PREFIX: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** An address of a client as texts show it: what reached an IPv6 socket from IPv4 is IPv4. */
export function normalizeAddress(text: string): string {
  const address = parseAddress(text);
  if (address === null || !startsWith(address.bytes, MAPPED_PREFIX))
    return byteStringFromText(text);
  return address.bytes.slice(MAPPED_PREFIX.length).join(".");
}

function startsWith(bytes: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}

/** The address that `text` spells, or `null`. IPv4 may have the old spellings of C resolvers: `127.1`, `0x7f.0.0.05`. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(":")) {
    const bytes = parseIPv4(text);
    return bytes && { bytes, scope: null };
  }
  const [address = "", scope = null, ...more] = text.split("%");
  if (more.length > 0 || scope === "" || !isIPv6(address)) return null;
  return { bytes: expandIPv6(address), scope };
}

/** One to four numbers, the last of which fills the bytes that are left. */
function parseIPv4(text: string): number[] | null {
  const parts = text.split(".");
  if (parts.length > 4) return null;
  const numbers = parts.map(parseOldNumber);
  const last = numbers.pop() ?? Number.NaN;
  const rest = 4 - numbers.length;
  const fits = numbers.every((number) => number <= 255) && last < 256 ** rest;
  if (!fits) return null; // NaN fits nowhere
  for (let shift = rest - 1; shift >= 0; shift--) {
    numbers.push(Math.floor(last / 256 ** shift) % 256);
  }
  return numbers;
}

/** Decimal, octal after a zero, or hexadecimal after `0x`. */
function parseOldNumber(text: string): number {
  if (/^0x[0-9a-f]{1,8}$/i.test(text)) return Number(text);
  if (/^0[0-7]{0,11}$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
}

/** The bytes of a valid IPv6 address. */
function expandIPv6(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const before = groupBytes(head);
  if (tail === undefined) return before;
  const after = groupBytes(tail);
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

function groupBytes(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const number = Number.parseInt(group, 16);
    return [number >> 8, number & 0xff];
  });
}

/** Whether only `fe80::/10` is meant, the addresses that need an interface. */
export function isLinkLocal({ bytes }: Address): boolean {
  return bytes.length === 16 && bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}

/** Whether both are of one family and equal under the mask, which is as long as they are. */
export function equalUnderMask(
  a: Address,
  b: Address,
  mask: readonly number[] | null = null,
): boolean {
  if (a.bytes.length !== b.bytes.length) return false;
  return a.bytes.every((byte, i) => ((byte ^ b.bytes[i]!) & (mask?.[i] ?? 0xff)) === 0);
}

/** The mask with `bits` leading ones. */
export function prefixMask(bits: number, byteCount: number): number[] {
  return Array.from({ length: byteCount }, (_, i) => {
    const ones = Math.max(0, Math.min(8, bits - 8 * i));
    return (0xff00 >> ones) & 0xff;
  });
}
