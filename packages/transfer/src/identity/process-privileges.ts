/**
 * What this process may do with the files that it makes.
 * @module
 */
import type { Privileges } from "../generator/differences.js";

/** The privileges of the process as it is now. On systems without users nothing can be set. */
export function processPrivileges(): Privileges {
  const groups = new Set(process.getgroups?.() ?? []);
  const gid = process.getegid?.();
  if (gid !== undefined) groups.add(gid);
  return { superUser: process.geteuid?.() === 0, groups, umask: process.umask() };
}
