/**
 * Taking the identity of a module for good (spec 5-daemon, 5.5 steps 17 and 18).
 * @module
 */
import { StartError } from "@tsrsync/protocol";
import { type NodeTree, openOperatorTree, reason } from "@tsrsync/transfer";
import type { WorkerIdentity } from "./worker-messages.js";

/** The identity can not be taken; `message` is the line for the client, `logLine` says more. */
export class IdentityError extends StartError {
  readonly logLine: string;

  constructor(clientLine: string, logLine: string, cause: unknown) {
    super(clientLine, { cause });
    this.logLine = logLine;
  }
}

/**
 * Opens the module's directory with the privileges that are still there, so that it may lie in a place closed to the
 * module's user, and then drops them.
 * @throws IdentityError
 */
export function becomeIdentity(identity: WorkerIdentity): NodeTree {
  const { path, uid, gid, groups, insecureLinks } = identity;
  const options = { followLinks: true, linksLeadOut: insecureLinks };
  const root = step("chdir", path, () => openOperatorTree(path, options));
  if (gid !== null) {
    step("setgid", String(gid), () => process.setgid?.(gid));
    step("setgroups", groups.join(" "), () => process.setgroups?.(groups));
  }
  if (uid !== null) {
    step("setuid", String(uid), () => process.setuid?.(uid));
    if (uid !== 0) step("setuid", String(uid), assertDropped);
  }
  return root;
}

/** What was dropped must not come back. */
function assertDropped(): void {
  let isRootAgain = true;
  try {
    process.setuid?.(0);
  } catch {
    isRootAgain = false;
  }
  if (isRootAgain) throw new Error("root privileges could be regained");
}

function step<T>(what: string, argument: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new IdentityError(
      `@ERROR: ${what} failed`,
      `${what} ${argument} failed: ${reason(error)}`,
      error,
    );
  }
}
