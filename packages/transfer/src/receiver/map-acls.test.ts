import { createEntry, extraOf, type WireAcl } from "@tsrsync/protocol/file-list";
import { expect, test } from "vitest";
import { AclIdMap } from "./map-acls.js";
import { IdMap } from "./map-ids.js";

const user = (id: number, name: string | null) => ({ id, isUser: true, permissions: 6, name });
const group = (id: number, name: string | null) => ({ id, isUser: false, permissions: 4, name });
const aclOf = (...named: WireAcl["named"]): WireAcl => ({
  user: -1,
  group: -1,
  mask: -1,
  other: -1,
  named,
});
const withAcls = (name: string, access: WireAcl | null, inherited: WireAcl | null = null) => {
  const entry = createEntry(name, 0o40755);
  extraOf(entry).accessAcl = access;
  extraOf(entry).defaultAcl = inherited;
  return entry;
};
const lookup = (name: string) => ({ ann: 501, staff: 601 })[name] ?? null;

test("named users and groups get our ids, by the names that ACLs bring along", () => {
  const acls = new AclIdMap(new IdMap(lookup), new IdMap(lookup));
  const first = aclOf(user(1, "ann"), group(1, "staff"), user(2, "nobody here"));
  const second = aclOf(user(1, null), group(1, null));
  const entries = [withAcls("a", first), withAcls("b", null, second), createEntry("c", 0o100644)];
  acls.announce(entries);
  acls.applyTo(entries);
  expect(entries[0]!.extra!.accessAcl!.named.map(({ id }) => id)).toEqual([501, 601, 2]);
  expect(entries[1]!.extra!.defaultAcl!.named.map(({ id }) => id)).toEqual([501, 601]);
});

test("an ACL that entries share is mapped once, also when it comes again in a later list", () => {
  const users = new IdMap(lookup);
  users.announce([
    { id: 1, name: "ann" },
    { id: 501, name: "staff" },
  ]);
  const acls = new AclIdMap(users, new IdMap(lookup));
  const shared = aclOf(user(1, null));
  const [first, second] = [withAcls("a", shared), withAcls("b", shared)];
  for (const entry of [first, second]) {
    acls.announce([entry]);
    acls.applyTo([entry]);
  }
  expect(first.extra!.accessAcl!.named[0]!.id).toBe(501);
  expect(second.extra!.accessAcl).toBe(first.extra!.accessAcl);
});
