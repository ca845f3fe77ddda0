/**
 * `daemon.user`: the process becomes another user for good (spec 6, 8.4).
 * @module
 */
import { closeSync, openSync } from "node:fs";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { UsageError } from "@tsrsync/protocol";
import { reason } from "@tsrsync/transfer";
import type { DaemonUser } from "../config/settings.js";

/** What of a process decides who it is, and changes that. */
export type UserProcess = Pick<
  NodeJS.Process,
  | "env"
  | "getegid"
  | "geteuid"
  | "getgid"
  | "getuid"
  | "seteuid"
  | "setgid"
  | "setgroups"
  | "setuid"
> & {
  /** Known to Node, but not to its types. */
  initgroups?: (user: string, extraGroup: number) => void;
};

/**
 * The user to become, `null` when none is asked for or the process is that user already.
 * @throws UsageError when it can not become that user
 */
export function userToBecome(
  user: DaemonUser | null,
  proc: UserProcess = process,
): DaemonUser | null {
  if (user === null) return null;
  const isGroup = !user.hasGroup || (proc.getgid?.() === user.gid && proc.getegid?.() === user.gid);
  if (isGroup && proc.getuid?.() === user.uid && proc.geteuid?.() === user.uid) return null;
  if (proc.geteuid?.() === 0) return user;
  throw new UsageError(
    `daemon.user: only root can become ${user.text}: start it as root or as ${user.text} (systemd: User=)`,
  );
}

/**
 * Gives up the rights of root. Groups first: afterwards there is no right to change them. All threads change with this one.
 * @throws Error, and the process must end: it may be half this user and half that
 */
export function becomeUser(user: DaemonUser, proc: UserProcess = process): void {
  if (user.name === null) proc.setgroups!([user.gid]);
  else proc.initgroups!(user.name, user.gid);
  proc.setgid!(user.gid);
  proc.setuid!(user.uid);
  if (user.uid !== 0) assertDropped(user, proc);
  if (user.name !== null) nameInEnvironment(user.name, proc);
}

/** Parts of the program are loaded later. @throws UsageError when they lie where `user` can not read them */
export function assertCanLoad(user: DaemonUser): void {
  const program = fileURLToPath(import.meta.url);
  try {
    closeSync(asUser(user, () => openSync(program, "r")));
  } catch (cause) {
    const text = `daemon.user: ${user.text} can not read the program: ${reason(cause)}`;
    throw new UsageError(text, { cause });
  }
}

/** Does something with the rights of `user` alone, and is root again afterwards. */
export function asUser<T>(user: DaemonUser | null, action: () => T): T {
  if (user === null) return action();
  process.setegid!(user.gid);
  try {
    process.seteuid!(user.uid);
    return action();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}

/** What was given up must not come back. */
function assertDropped({ text, uid, gid }: DaemonUser, proc: UserProcess): void {
  const isRoot = [() => proc.setuid!(0), () => proc.seteuid!(0)].some(succeeds);
  const users = [proc.getuid!(), proc.geteuid!()];
  const groups = [proc.getgid!(), proc.getegid!()];
  if (!isRoot && users.every((id) => id === uid) && groups.every((id) => id === gid)) return;
  throw new Error(`daemon.user: the rights of root could be regained as ${text}`);
}

function succeeds(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

/** As `su` and systemd have it: hooks and remote shells look there. */
function nameInEnvironment(name: string, { env }: UserProcess): void {
  env["USER"] = name;
  env["LOGNAME"] = name;
  env["HOME"] = userInfo().homedir;
}
