/**
 * Attributes of whole trees, as tests compare them.
 */
import { lstatSync, readdirSync } from "node:fs";

/** What is younger was made by the test itself. */
const LONG_AGO = 1_600_000_000;

/** Mode, owner, modification time (whole seconds, unless it is that of the test) and device number of all below `root`. */
export function attributes(
  root: string,
  options: { atimes?: boolean } = {},
): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (name: string): void => {
    const stat = lstatSync(`${root}/${name}`);
    const kind = stat.mode & 0o170000;
    const isLink = kind === 0o120000;
    const parts = [(isLink ? kind : stat.mode).toString(8), `${stat.uid}:${stat.gid}`, stat.rdev];
    parts.push(
      Math.floor(stat.mtimeMs / 1000) < LONG_AGO ? Math.floor(stat.mtimeMs / 1000) : "now",
    );
    if (options.atimes && kind === 0o100000) parts.push(Math.floor(stat.atimeMs / 1000));
    found[name] = parts.join(" ");
    if (stat.isDirectory())
      for (const child of readdirSync(`${root}/${name}`)) visit(`${name}/${child}`);
  };
  visit(".");
  return found;
}
