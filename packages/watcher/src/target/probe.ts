/**
 * Learns what a target can do, by dry runs that would change nothing if they were none (spec 6, 3.4).
 * @module
 */
import { randomBytes } from "node:crypto";
import { ExitCode } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { RenameOption } from "./rename-ways.js";
import { TargetError } from "./target.js";
import type { Capabilities } from "./types.js";

/** A dry run with a target. @throws TargetError */
export interface DryRuns {
  /** An entry without a mode for a name that nothing has, or none; with hard links or without. */
  push(missing: readonly ByteString[], hardLinks: boolean): Promise<void>;
  /** Deletes nothing, but with the option that could. */
  deletion(): Promise<void>;
  /** Sends nothing, but with the option. */
  renaming(option: RenameOption): Promise<void>;
  /** The protocol spoken in the last run; `null` when none came so far. */
  protocol(): number | null;
}

/** Times have nanoseconds from this protocol on. */
const NANOSECOND_PROTOCOL = 31;

/** @throws TargetError when the target can not even be written to. */
export async function probeTarget(runs: DryRuns): Promise<Capabilities> {
  const missing = [`.tsrsync-probe-${randomBytes(12).toString("hex")}`];
  if (await works(() => runs.push(missing, true))) {
    const all = { missingArguments: true, deletes: true, hardLinks: true, renameOptions: [] };
    return capabilities(runs, all);
  }
  await assertWritable(runs);
  const hardLinks = await works(() => runs.push([], true));
  const missingArguments = await works(() => runs.push(missing, false));
  const deletes = missingArguments || (await works(() => runs.deletion()));
  const renameOptions = hardLinks ? [] : await renameOptionsOf(runs);
  return capabilities(runs, { missingArguments, deletes, hardLinks, renameOptions });
}

async function renameOptionsOf(runs: DryRuns): Promise<RenameOption[]> {
  const options: RenameOption[] = [];
  for (const option of ["link-dest", "copy-dest", "fuzzy"] as const) {
    if (await works(() => runs.renaming(option))) options.push(option);
  }
  return options;
}

function capabilities(runs: DryRuns, found: Omit<Capabilities, "nanoseconds">): Capabilities {
  return { ...found, nanoseconds: (runs.protocol() ?? 0) >= NANOSECOND_PROTOCOL };
}

/** Daemons of old hang up without a word when they do not want what they are asked for. */
async function assertWritable(runs: DryRuns): Promise<void> {
  try {
    await runs.push([], false);
  } catch (error) {
    if (!(error instanceof TargetError) || !isRefusal(error)) throw error;
    if (error.failureClass !== "unreachable") throw error;
    const text = "the daemon let us in and hung up: the module may be read-only";
    throw new TargetError("refused", error.exitCode, text, { cause: error });
  }
}

/** Whether a run came to its end. @throws TargetError when that says nothing about what was tried. */
async function works(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (error instanceof TargetError && isRefusal(error)) return false;
    throw error;
  }
}

/** An end that an option or an entry can be the reason for. */
function isRefusal({ failureClass, wasLetIn, message, exitCode }: TargetError): boolean {
  if (!wasLetIn || exitCode === ExitCode.Timeout) return false;
  if (failureClass === "protocol" || failureClass === "unreachable") return true;
  return failureClass === "refused" && /configured to refuse/.test(message);
}
