/**
 * ACLs as Linux keeps them in extended attributes. Spec: docs/protocol/2-file-list.md, 2.12.3.
 *
 *     int version 2
 *     per entry     short tag, short permissions, int id (ff ff ff ff for unnamed tags)
 *
 * @module
 */
import type { AclEntry, WireAcl } from "../file-list/acl.js";

/** The attribute with the access ACL of an item. */
export const ACCESS_ACL = "system.posix_acl_access";
/** The attribute with the ACL that items made in a directory begin with. */
export const DEFAULT_ACL = "system.posix_acl_default";

const VERSION = 2;
const HEAD_BYTES = 4;
const ENTRY_BYTES = 8;
const NO_ID = 0xffff_ffff;

const Tag = { UserObj: 1, User: 2, GroupObj: 4, Group: 8, Mask: 0x10, Other: 0x20 } as const;

/** The value for a full ACL: in tag order, named entries by id. */
export function encodePosixAcl(acl: WireAcl): Uint8Array {
  const users = acl.named.filter(({ isUser }) => isUser).sort(byId);
  const groups = acl.named.filter(({ isUser }) => !isUser).sort(byId);
  const entries: [number, number, number][] = [
    [Tag.UserObj, acl.user, NO_ID],
    ...users.map(({ id, permissions }): [number, number, number] => [Tag.User, permissions, id]),
    [Tag.GroupObj, acl.group, NO_ID],
    ...groups.map(({ id, permissions }): [number, number, number] => [Tag.Group, permissions, id]),
  ];
  if (acl.mask >= 0) entries.push([Tag.Mask, acl.mask, NO_ID]);
  entries.push([Tag.Other, acl.other, NO_ID]);

  const value = new Uint8Array(HEAD_BYTES + entries.length * ENTRY_BYTES);
  const view = new DataView(value.buffer);
  view.setUint32(0, VERSION, true);
  for (const [index, [tag, permissions, id]] of entries.entries()) {
    const at = HEAD_BYTES + index * ENTRY_BYTES;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, permissions, true);
    view.setUint32(at + 4, id, true);
  }
  return value;
}

function byId(a: AclEntry, b: AclEntry): number {
  return a.id - b.id;
}

/** The full ACL in a value; `null` when it is none: another version, unknown tags, no entry for user, group or other. */
export function decodePosixAcl(value: Uint8Array): WireAcl | null {
  if (value.length < HEAD_BYTES || (value.length - HEAD_BYTES) % ENTRY_BYTES !== 0) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.length);
  if (view.getUint32(0, true) !== VERSION) return null;
  const acl = { user: -1, group: -1, mask: -1, other: -1 };
  const users: AclEntry[] = [];
  const groups: AclEntry[] = [];
  for (let at = HEAD_BYTES; at < value.length; at += ENTRY_BYTES) {
    const permissions = view.getUint16(at + 2, true);
    const id = view.getUint32(at + 4, true);
    if (permissions > 7) return null;
    switch (view.getUint16(at, true)) {
      case Tag.UserObj:
        acl.user = permissions;
        break;
      case Tag.User:
        users.push({ id, isUser: true, permissions, name: null });
        break;
      case Tag.GroupObj:
        acl.group = permissions;
        break;
      case Tag.Group:
        groups.push({ id, isUser: false, permissions, name: null });
        break;
      case Tag.Mask:
        acl.mask = permissions;
        break;
      case Tag.Other:
        acl.other = permissions;
        break;
      default:
        return null;
    }
  }
  if (acl.user < 0 || acl.group < 0 || acl.other < 0) return null;
  return { ...acl, named: [...users.sort(byId), ...groups.sort(byId)] };
}
