/**
 * Which address of a content network a path has.
 * @module
 */
import { type ByteString, byteStringFromText } from "@tsrsync/protocol/wire";
import type { CdnHook } from "../config/settings.js";
import { describeChanges, type HookBatch, type HookChange } from "./hook-batch.js";
import { expressionSubject } from "./path-expression.js";
import { percentEncodePath } from "./percent.js";

/** A change and its address, percent-encoded. */
export interface Stale extends HookChange {
  url: string;
}

/**
 * `base` and the path below the root; with an expression: `base`, what its first group found in the absolute path, and the rest
 * of the path after what the expression fits (spec 6, 1.2). `null` where it fits nothing.
 */
export function cdnAddress(
  { base, urlMatch }: Pick<CdnHook, "base" | "urlMatch">,
  absolute: ByteString,
  relative: ByteString,
): string | null {
  const prefix = byteStringFromText(base);
  if (urlMatch === null) {
    const separator = prefix.endsWith("/") ? "" : "/";
    return percentEncodePath(prefix + separator + relative);
  }
  const subject = expressionSubject(absolute);
  const found = new RegExp(urlMatch).exec(subject.text);
  if (found === null) return null;
  const rest = subject.text.slice(found.index + found[0].length);
  return percentEncodePath(prefix + subject.toBytes((found[1] ?? "") + rest));
}

/** The changes of a batch that have an address. */
export async function findStale(
  settings: Pick<CdnHook, "base" | "urlMatch">,
  batch: HookBatch,
): Promise<Stale[]> {
  const changes = await describeChanges(batch);
  return changes.flatMap((change) => {
    const url = cdnAddress(settings, change.absolute, change.path);
    return url === null ? [] : [{ ...change, url }];
  });
}
