/**
 * All that differs between an entry and an item, extended attributes and ACLs included.
 * @module
 */
import { type FileEntry, isDirectory } from "@tsrsync/protocol/file-list";
import { ItemFlag } from "@tsrsync/protocol/item";
import {
  type ExtendedAttributes,
  type ExtendedDifferences,
  NO_DIFFERENCES,
} from "../attributes/extended-attributes.js";
import type { Awaitable } from "../tree/file-tree.js";
import type { GeneratorContext } from "./context.js";
import { attributeDifferences, wantedPermissions } from "./differences.js";
import type { Candidate } from "./quick-check.js";

interface Comparison {
  /** Content will be sent, or the item made anew. */
  changed: boolean;
  /** The record will be sent, and with it the request. */
  asks: boolean;
}

/**
 * The comparison bits of a record, and what is asked for with it: the record must be sent. At once without `-A` and `-X`.
 * @param changed content will be sent, or the item made anew
 */
export function itemDifferences(
  context: GeneratorContext,
  entry: FileEntry,
  candidate: Candidate,
  changed: boolean,
): Awaitable<ExtendedDifferences> {
  return differences(context, entry, candidate, { changed, asks: true });
}

/** Whether an item has all the attributes of an entry. */
export async function hasSameAttributes(
  context: GeneratorContext,
  entry: FileEntry,
  candidate: Candidate,
): Promise<boolean> {
  const comparison = { changed: false, asks: false };
  return (await differences(context, entry, candidate, comparison)).flags === 0;
}

function differences(
  context: GeneratorContext,
  entry: FileEntry,
  candidate: Candidate,
  comparison: Comparison,
): Awaitable<ExtendedDifferences> {
  const { options } = context.session;
  const { privileges, extended } = context.destination;
  const { changed } = comparison;
  const flags = attributeDifferences(entry, candidate.stat, options, privileges, changed);
  if (extended === undefined) return { flags, request: [] };
  return withExtended(context, extended, entry, candidate, comparison, flags);
}

async function withExtended(
  { session, destination }: GeneratorContext,
  extended: ExtendedAttributes,
  entry: FileEntry,
  candidate: Candidate,
  { changed, asks }: Comparison,
  flags: number,
): Promise<ExtendedDifferences> {
  const { options } = session;
  const { umask } = destination.privileges;
  const wanted = wantedPermissions(entry, candidate.stat.mode, options, umask);
  const more = await extended.compare(entry, candidate, wanted, asks);
  const all = flags | more.flags;
  // rsync sets an ACL before it looks at the permissions, which are right by then; only directories wait for the report.
  const isSetFirst = !changed && !isDirectory(entry) && !options.dryRun;
  const hidden = isSetFirst && all & ItemFlag.ReportAcl ? ItemFlag.ReportPerms : 0;
  return { flags: all & ~hidden, request: more.request };
}

/** The same as `itemDifferences` for an item that is not there yet. */
export function newItemDifferences(
  { destination }: GeneratorContext,
  entry: FileEntry,
): ExtendedDifferences {
  return destination.extended?.forNew(entry) ?? NO_DIFFERENCES;
}
