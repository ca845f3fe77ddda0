/**
 * The command that a person could run to bring a path to a target, or to take it away there.
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { RootSettings, TargetSettings } from "../config/settings.js";
import { formatShellLine } from "./shell-line.js";
import { rsyncAddress } from "./target-address.js";

/**
 * Options for paths at their place below the root. A name that is gone is deleted in the target, and a directory comes with
 * all that is below it: the same command is right whatever the path is by the time it is run.
 */
const SHAPE: readonly string[] = ["-r", "-R", "--delete-missing-args", "--force"];

/** One line for a shell, without its end; bytes, as the names are. */
export function formatCommand(
  root: RootSettings,
  target: TargetSettings,
  paths: readonly ByteString[],
): ByteString {
  const { options, address } = rsyncAddress(target);
  const timeout = target.timeout > 0 ? [`--timeout=${Math.ceil(target.timeout / 1000)}`] : [];
  const words = ["rsync", ...target.rsync.options, ...SHAPE, ...timeout].map(byteStringFromText);
  const names = paths.map((path) => (path === "" ? "./" : `./${path}`));
  return formatShellLine([
    ["cd", byteStringFromText(root.path)],
    [...words, ...options, ...names, address],
  ]);
}
