/**
 * The filters of one side of a session, once both sides know them.
 * @module
 */
import { ExitCode, ProtocolError } from "@tsrsync/protocol";
import { EntryFlag, type FileEntry, isDirectory } from "@tsrsync/protocol/file-list";
import {
  FilterList,
  type FilterListOptions,
  type FilterScope,
  type PatternRule,
  type Rule,
} from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import type { RequestedNames } from "./requested-names.js";

/**
 * Looks at an entry of a received list, and takes the contents from a directory whose contents were not asked for.
 * @throws ProtocolError (exit 4) when the sender must not list it.
 */
export type EntryCheck = (entry: FileEntry) => void;

/** Told of each rule of the user that decides about an item. */
export type TellRule = (rule: PatternRule, path: ByteString, isDirectory: boolean) => void;

export interface SessionFilters {
  /** The user's rules that concern this side. */
  readonly own: FilterList;
  /** The daemon's, which come first and which no rule of the user overrides. */
  readonly daemon: FilterList | null;
  /** True when no name can be excluded. */
  readonly isEmpty: boolean;
  /** `null` when the sender is trusted. */
  readonly check: EntryCheck | null;
  /** `null` when nobody wants to know. */
  readonly tell: TellRule | null;
}

export function createSessionFilters(
  rules: readonly Rule[],
  options: FilterListOptions,
  daemon: FilterList | null,
  requested: RequestedNames | null,
  tell: TellRule | null = null,
): SessionFilters {
  const own = new FilterList(rules, options);
  return {
    own,
    daemon: daemon?.isEmpty === true ? null : daemon,
    isEmpty: own.isEmpty && (daemon === null || daemon.isEmpty),
    check: requested === null ? null : createCheck(requested, hiddenFromUs(rules, options)),
    tell,
  };
}

/**
 * What our rules hide on the sender; `null` when we can not tell, because it depends on files or on the full path names
 * of the other side.
 */
function hiddenFromUs(rules: readonly Rule[], options: FilterListOptions): FilterScope | null {
  if (rules.some((rule) => rule.kind === "dir-merge" || rule.absolute)) return null;
  const list = new FilterList(rules, { ...options, side: "sender" });
  return list.isEmpty ? null : list.at("");
}

function createCheck(requested: RequestedNames, hidden: FilterScope | null): EntryCheck {
  return (entry) => {
    const { name } = entry;
    const isDir = isDirectory(entry);
    if (!requested.allows(name, isDir)) throw rejected("unrequested", name);
    if (hidden?.excludes(name, isDir) === true) throw rejected("excluded", name);
    if (isDir && !requested.allowsContents(name)) withoutContents(entry);
  };
}

/** A sender that claims the contents of a directory would have us delete what it does not list there. */
function withoutContents(entry: FileEntry): void {
  if ((entry.flags & EntryFlag.ContentDir) === 0) return;
  entry.flags &= ~(EntryFlag.ContentDir | EntryFlag.TopDir);
  entry.flags |= EntryFlag.ImpliedDir;
}

function rejected(why: "unrequested" | "excluded", name: string): ProtocolError {
  return new ProtocolError(`ERROR: rejecting ${why} file-list name: ${name}`, {
    exitCode: ExitCode.Unsupported,
  });
}
