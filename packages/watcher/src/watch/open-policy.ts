/**
 * When files that are held open for writing are sent: the settings `live.whileOpen`.
 * @module
 */
import { compileWildcard, wildmatch } from "@tsrsync/protocol/filter";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { LiveSettings, OpenFilePolicy } from "../config/settings.js";

const NEVER: OpenFilePolicy = { kind: "never" };

/** Tells the policy for a path. Patterns fit as those of filter rules do: with a slash the path, else the name. */
export function openPolicies(
  settings: LiveSettings["whileOpen"],
): (path: ByteString) => OpenFilePolicy {
  const rules = settings.map(({ pattern, policy }) => ({ fits: matcher(pattern), policy }));
  return (path) => rules.find(({ fits }) => fits(path))?.policy ?? NEVER;
}

function matcher(text: string): (path: ByteString) => boolean {
  const pattern = byteStringFromText(text);
  if (pattern.startsWith("/")) {
    const whole = compileWildcard(pattern.slice(1));
    return (path) => wildmatch(whole, path);
  }
  if (pattern.includes("/")) {
    const tail = compileWildcard(`**/${pattern}`);
    return (path) => wildmatch(tail, `/${path}`);
  }
  const name = compileWildcard(pattern);
  return (path) => wildmatch(name, path, path.lastIndexOf("/") + 1);
}
