/**
 * Munged links must lead nowhere, so a directory of that name makes them unsafe (spec 5-daemon, 5.8.2).
 * @module
 */
import { statSync } from "node:fs";
import { UnsupportedError } from "@tsrsync/protocol";

const DIRECTORY = "/rsyncd-munged";

/** @throws UnsupportedError (exit 4) when munged links would lead somewhere */
export function assertMungingIsSafe(directory: string = DIRECTORY): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  throw new UnsupportedError(`Symlink munging is unsafe when a ${DIRECTORY} directory exists.`);
}
