/**
 * Between ACLs as they travel and as they are: what the mode tells is left out on the way.
 * Spec: docs/protocol/2-file-list.md, 2.12.1 and 2.12.2.
 *
 * A *full* ACL has user, group and other; a mask where it has named entries, and sometimes without.
 * @module
 */
import type { AclEntry, WireAcl } from "../file-list/acl.js";

const userBits = (mode: number): number => (mode >> 6) & 7;
const groupBits = (mode: number): number => (mode >> 3) & 7;
const otherBits = (mode: number): number => mode & 7;

/** Whether a full ACL says no more than a mode can. */
export function isMinimalAcl(acl: WireAcl): boolean {
  return acl.mask < 0 && acl.named.length === 0;
}

/** The nine permission bits that go with a full ACL: where there is a mask it stands for the group. */
export function modeOfAcl({ user, group, mask, other }: WireAcl): number {
  return (user << 6) | ((mask >= 0 ? mask : group) << 3) | other;
}

/** What of a full access ACL the mode does not tell; `null` when that is nothing. */
export function strippedAccessAcl(acl: WireAcl, mode: number): WireAcl | null {
  if (isMinimalAcl(acl)) return null;
  const bits = groupBits(mode);
  const { named } = acl;
  const group = acl.mask < 0 || acl.group === bits ? -1 : acl.group;
  const mask = named.length > 0 && acl.mask === bits ? -1 : acl.mask;
  if (group < 0 && mask < 0 && named.length === 0) return null;
  return { user: -1, group, mask, other: -1, named };
}

/** The full access ACL of an item that is to have `mode`; `null` on the wire is one that the mode tells whole. */
export function fullAccessAcl(wire: WireAcl | null, mode: number): WireAcl {
  const bits = groupBits(mode);
  const user = userBits(mode);
  const other = otherBits(mode);
  if (wire === null || isMinimalAcl(wire)) {
    return { user, group: bits, mask: -1, other, named: [] };
  }
  return { user, group: wire.group < 0 ? bits : wire.group, mask: bits, other, named: wire.named };
}

/** A received default ACL with what it may not lack. */
export function fullDefaultAcl(wire: WireAcl): WireAcl {
  const { named } = wire;
  const user = Math.max(wire.user, 0);
  const group = Math.max(wire.group, 0);
  const other = Math.max(wire.other, 0);
  const mask = wire.mask < 0 && named.length > 0 ? unionOf(group, named) : wire.mask;
  return { user, group, mask, other, named };
}

function unionOf(group: number, named: readonly AclEntry[]): number {
  return named.reduce((mask, { permissions }) => mask | permissions, group);
}

/** A full access ACL after its item's permission bits were set to `mode`. */
export function asModeLeaves(acl: WireAcl, mode: number): WireAcl {
  const user = userBits(mode);
  const other = otherBits(mode);
  const bits = groupBits(mode);
  if (acl.mask >= 0) return { ...acl, user, other, mask: bits };
  return { ...acl, user, other, group: bits };
}

/** Whether two full ACLs grant the same; the order of their entries does not matter. */
export function equalAcls(a: WireAcl, b: WireAcl): boolean {
  if (a.user !== b.user || a.group !== b.group || a.mask !== b.mask || a.other !== b.other) {
    return false;
  }
  if (a.named.length !== b.named.length) return false;
  const key = ({ id, isUser }: AclEntry): number => (isUser ? id : id + 0x1_0000_0000);
  const granted = new Map(b.named.map((entry) => [key(entry), entry.permissions]));
  return a.named.every((entry) => granted.get(key(entry)) === entry.permissions);
}
