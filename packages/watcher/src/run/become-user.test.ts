import { describe, expect, test } from "vitest";
import type { DaemonUser } from "../config/settings.js";
import { becomeUser, type UserProcess, userToBecome } from "./become-user.js";

const WEB: DaemonUser = { text: "web", name: "web", uid: 33, gid: 34, hasGroup: false };

/** A process with ids of its own. `cling`: root comes back whenever it is asked for. */
function fakeProcess(uid: number, gid: number, cling = false) {
  const calls: string[] = [];
  const ids = { uid, gid };
  const set = (key: "uid" | "gid", name: string) => (id: number | string) => {
    calls.push(`${name} ${id}`);
    if (ids.uid !== 0 && !cling) throw new Error("EPERM");
    ids[key] = Number(id);
  };
  const proc: UserProcess = {
    env: {},
    getuid: () => ids.uid,
    geteuid: () => ids.uid,
    getgid: () => ids.gid,
    getegid: () => ids.gid,
    initgroups: (user, group) => void calls.push(`initgroups ${user} ${group}`),
    setgroups: (groups) => void calls.push(`setgroups ${groups.join(" ")}`),
    setgid: set("gid", "setgid"),
    setuid: set("uid", "setuid"),
    seteuid: set("uid", "seteuid"),
  };
  return { proc, calls };
}

describe("whom to become", () => {
  test("nobody else, when that is not asked for or is so already", () => {
    const { proc } = fakeProcess(33, 100);
    expect(userToBecome(null, proc)).toBeNull();
    expect(userToBecome(WEB, proc)).toBeNull();
    expect(userToBecome({ ...WEB, gid: 100, hasGroup: true }, proc)).toBeNull();
  });

  test("anybody, for root", () => {
    const { proc } = fakeProcess(0, 0);
    expect(userToBecome(WEB, proc)).toBe(WEB);
    const root = { ...WEB, uid: 0, gid: 0 };
    expect(userToBecome(root, proc)).toBeNull();
    expect(userToBecome({ ...root, gid: 4, hasGroup: true }, proc)).not.toBeNull();
  });

  test.each([
    ["another user", 1000, WEB],
    ["the user with another group", 33, { ...WEB, hasGroup: true }],
  ])("not for %s", (_, uid, user) => {
    const { proc } = fakeProcess(uid, 100);
    const call = () => userToBecome(user, proc);
    expect(call).toThrow("daemon.user: only root can become web: start it as root or as web");
    expect(call).toThrow(expect.objectContaining({ exitCode: 1 }));
  });
});

describe("becoming a user", () => {
  test("goes from the groups to the user, and does not come back", () => {
    const { proc, calls } = fakeProcess(0, 0);
    becomeUser(WEB, proc);
    expect(calls).toEqual(["initgroups web 34", "setgid 34", "setuid 33", "setuid 0", "seteuid 0"]);
    expect(proc.env).toMatchObject({ USER: "web", LOGNAME: "web", HOME: expect.any(String) });
  });

  test("a number without an account has one group", () => {
    const { proc, calls } = fakeProcess(0, 0);
    becomeUser({ ...WEB, name: null }, proc);
    expect(calls[0]).toBe("setgroups 34");
    expect(proc.env).toEqual({});
  });

  test("fails when root comes back", () => {
    const { proc } = fakeProcess(0, 0, true);
    expect(() => becomeUser(WEB, proc)).toThrow("the rights of root could be regained");
  });
});
