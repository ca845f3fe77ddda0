/**
 * ACLs as `--fake-super` keeps them. Spec: docs/protocol/2-file-list.md, 2.12.4.
 *
 *     int user, int group, int mask, int other     0x80 where left out
 *     per named entry     int id, int permissions (bit 31 set for a user)
 *
 * @module
 */
import type { AclEntry, WireAcl } from "../file-list/acl.js";

/** The attribute with an access ACL, stripped of what the mode tells, but with a mask where it has named entries. */
export const FAKE_ACCESS_ACL = "user.rsync.%aacl";
/** The attribute with a default ACL. */
export const FAKE_DEFAULT_ACL = "user.rsync.%dacl";

const HEAD_BYTES = 16;
const ENTRY_BYTES = 8;
const LEFT_OUT = 0x80;
const USER = 0x8000_0000;

/** The value for an ACL; permissions of -1 are left out. */
export function encodeFakeAcl(acl: WireAcl): Uint8Array {
  const { user, group, mask, other, named } = acl;
  const value = new Uint8Array(HEAD_BYTES + named.length * ENTRY_BYTES);
  const view = new DataView(value.buffer);
  for (const [index, permissions] of [user, group, mask, other].entries()) {
    view.setUint32(index * 4, permissions < 0 ? LEFT_OUT : permissions, true);
  }
  for (const [index, { id, isUser, permissions }] of named.entries()) {
    const at = HEAD_BYTES + index * ENTRY_BYTES;
    view.setUint32(at, id, true);
    view.setUint32(at + 4, permissions + (isUser ? USER : 0), true);
  }
  return value;
}

/** The ACL in a value; `null` when it is none. */
export function decodeFakeAcl(value: Uint8Array): WireAcl | null {
  if (value.length < HEAD_BYTES || (value.length - HEAD_BYTES) % ENTRY_BYTES !== 0) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  const head: number[] = [];
  for (let at = 0; at < HEAD_BYTES; at += 4) {
    const permissions = view.getUint32(at, true);
    if (permissions > 7 && permissions !== LEFT_OUT) return null;
    head.push(permissions === LEFT_OUT ? -1 : permissions);
  }
  const named: AclEntry[] = [];
  for (let at = HEAD_BYTES; at < value.length; at += ENTRY_BYTES) {
    const access = view.getUint32(at + 4, true);
    const isUser = access >= USER;
    const permissions = isUser ? access - USER : access;
    if (permissions > 7) return null;
    named.push({ id: view.getUint32(at, true), isUser, permissions, name: null });
  }
  const [user, group, mask, other] = head as [number, number, number, number];
  return { user, group, mask, other, named };
}
