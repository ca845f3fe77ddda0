/**
 * Patterns of file names as the settings have them: one with a slash is for the whole path, others are for the last part.
 * @module
 */
import { compileWildcard, hasWildcard, wildmatch } from "@tsrsync/protocol/filter";
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";

/** Tells whether a path fits one of the patterns; `null` without patterns. */
export function compilePatterns(
  patterns: readonly string[],
): ((path: ByteString) => boolean) | null {
  if (patterns.length === 0) return null;
  const tests = patterns.map((text) => {
    const pattern = byteStringFromText(text);
    const isWhole = pattern.includes("/");
    const name = pattern.replace(/^\//, "");
    if (!hasWildcard(name)) return { isWhole, fits: (path: ByteString) => path === name };
    const wildcard = compileWildcard(name);
    return { isWhole, fits: (path: ByteString) => wildmatch(wildcard, path) };
  });
  return (path) => {
    const last = path.slice(path.lastIndexOf("/") + 1);
    return tests.some(({ isWhole, fits }) => fits(isWhole ? path : last));
  };
}
