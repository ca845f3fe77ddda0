import { describe, expect, test } from "vitest";
import { resolveModuleIdentity } from "./module-identity.js";
import { groupNamesOf, SYSTEM_USERS, type UserDatabase } from "./user-database.js";

const users: UserDatabase = {
  accounts: () => [
    { name: "root", uid: 0, gid: 0 },
    { name: "nobody", uid: 65534, gid: 65534 },
    { name: "joe", uid: 1000, gid: 1000 },
    { name: "1000", uid: 7, gid: 7 },
  ],
  groups: () => [
    { name: "root", gid: 0, members: [] },
    { name: "nogroup", gid: 65534, members: [] },
    { name: "wheel", gid: 10, members: ["root", "joe"] },
    { name: "staff", gid: 50, members: ["joe"] },
  ],
};

const resolve = (uid: string, gid: string, ownUid = 0) =>
  resolveModuleIdentity({ uid, gid }, { users, uid: ownUid });

describe("who a session becomes", () => {
  test.each([
    ["", "", 0, { uid: 65534, gid: 65534, groups: [65534] }],
    ["", "", 1000, { uid: null, gid: null, groups: [] }],
    ["joe", "staff", 0, { uid: 1000, gid: 50, groups: [50] }],
    ["joe", "wheel, 99 staff", 0, { uid: 1000, gid: 10, groups: [10, 99, 50] }],
    ["joe", "*", 0, { uid: 1000, gid: 1000, groups: [1000, 10, 50] }],
    ["joe", "* 10 0", 0, { uid: 1000, gid: 1000, groups: [1000, 10, 50, 0] }],
    ["", "*", 1000, { uid: null, gid: 1000, groups: [1000, 10, 50] }],
    ["1000", "0", 0, { uid: 1000, gid: 0, groups: [0] }],
    ["01", "0", 0, { uid: 1, gid: 0, groups: [0] }],
  ])("uid %j and gid %j under %i", (uid, gid, ownUid, identity) => {
    expect(resolve(uid, gid, ownUid)).toEqual({ ok: true, identity });
  });

  test("systems without nogroup have a group nobody", () => {
    const groups = () => [{ name: "nobody", gid: 99, members: [] }];
    const result = resolveModuleIdentity(
      { uid: "0", gid: "" },
      { users: { ...users, groups }, uid: 0 },
    );
    expect(result).toMatchObject({ identity: { groups: [99] } });
  });
});

describe("who can not be found", () => {
  test.each([
    ["nosuch", "0", "Invalid uid nosuch", "@ERROR: invalid uid nosuch"],
    ["-1", "0", "Invalid uid -1", "@ERROR: invalid uid -1"],
    ["4294967295", "0", "Invalid uid 4294967295", "@ERROR: invalid uid 4294967295"],
    ["0", "nosuch", "Invalid gid nosuch", "@ERROR: invalid gid nosuch"],
    ["0", "0,*", "Invalid gid *", "@ERROR: invalid gid *"],
    ["0", ",", "Invalid gid ,", "@ERROR: invalid gid ,"],
    ["4000000", "*", "getpwuid failed: no user 4000000", "@ERROR: getpwuid failed"],
  ])("uid %j and gid %j", (uid, gid, log, client) => {
    expect(resolve(uid, gid)).toEqual({ ok: false, log, client });
  });
});

test("the groups of a user by name, and those of this machine", () => {
  expect(groupNamesOf("joe", users)).toEqual(["wheel", "staff"]);
  expect(groupNamesOf("ghost", users)).toEqual([]);
  expect(groupNamesOf("root", SYSTEM_USERS)).toContain("root");
});
