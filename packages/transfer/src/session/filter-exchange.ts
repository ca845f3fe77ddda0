/**
 * The filter list at the start of a session, which always goes from client to server (spec 2-file-list, 2.3).
 * @module
 */
import { ProtocolError } from "@tsrsync/protocol";
import { partialDirRule } from "@tsrsync/protocol/arguments";
import {
  CVS_MERGE,
  cvsExcludeRules,
  encodeFilterList,
  explainRule,
  type FilterListContext,
  FilterListReader,
  isFilterListSent,
  type Rule,
} from "@tsrsync/protocol/filter";
import { reserve } from "@tsrsync/protocol/wire";
import { rulesOfOptions } from "../filter/filter-setup.js";
import {
  createSessionFilters,
  type SessionFilters,
  type TellRule,
} from "../filter/session-filters.js";
import type { Session } from "./session.js";

const NO_BYTES = new Uint8Array(0);

/** Sends our rules to the server, or reads the client's; gives the filters of this side. */
export async function exchangeFilterList(session: Session): Promise<SessionFilters> {
  const { isServer, isSender, protocol, options } = session;
  const { filters, deleteExcluded, pruneEmptyDirs } = options;
  if (pruneEmptyDirs && protocol < 29) {
    throw new ProtocolError(
      `--prune-empty-dirs requires protocol 29 or higher (negotiated ${protocol}).`,
    );
  }
  const context: FilterListContext = {
    protocol,
    clientIsSender: isServer !== isSender,
    deletes: options.delete !== "none",
    deleteExcluded,
    pruneEmptyDirs,
  };
  const rules =
    isServer && !session.isLocal
      ? await receiveRules(session, context)
      : sendRules(session, context);
  const requested = isServer || isSender || session.isLocal ? null : filters.requested;
  return createSessionFilters(
    rules,
    {
      side: isSender ? "sender" : "receiver",
      nulEnds: filters.nulEnds,
      deleteExcluded,
      cvsIgnore: cvsIgnoreOf(session),
      warn: (text) => session.notice("warning", text),
    },
    filters.daemon,
    requested,
    options.debugFilters ? tellRule(session) : null,
  );
}

/** Tells why items are left out, and why those are not that a rule includes (spec 4-command, 13.1). */
function tellRule(session: Session): TellRule {
  const { isSender } = session;
  const role = isSender ? "sender" : "generator";
  const [includes, excludes] = isSender ? ["showing", "hiding"] : ["risking", "protecting"];
  return (rule, path, isDirectory) => {
    const kind = isDirectory ? "directory" : "file";
    const what = `${rule.include ? includes : excludes} ${kind} ${path}`;
    session.notice("info", `[${role}] ${what} because of pattern ${explainRule(rule)}`);
  };
}

/** In protocol 29 and before, what CVS ignores by default keeps a directory from being removed. */
function cvsIgnoreOf({ options, protocol }: Session) {
  return { ...options.filters.cvsIgnore, perishable: protocol >= 30 };
}

/** All rules of the user, which both sides of a local copy know without being told. */
function sendRules(session: Session, context: FilterListContext): readonly Rule[] {
  const { filters, cvsExclude } = session.options;
  const cvsRules = cvsExclude ? cvsExcludeRules(cvsIgnoreOf(session)) : [];
  const own = [...filters.rules, ...partialDirRules(session)];
  if (!session.isLocal) {
    const bytes = encodeFilterList(own, cvsRules, context);
    if (bytes !== null) {
      const { writer } = session.output;
      const at = reserve(writer, bytes.length);
      writer.bytes.set(bytes, at);
    }
  }
  return [...own, ...cvsRules];
}

/** The rules of {@link partialDirRules} that were made last: whoever runs many sessions runs them alike. */
let lastPartial: { text: string; deleteExcluded: boolean; rules: readonly Rule[] } | null = null;

/** Partial files beside the others are none of the transfer's business (spec 3-transfer, 8.3). */
function partialDirRules({ options, protocol }: Session): readonly Rule[] {
  const { deleteExcluded } = options;
  const rule = partialDirRule(options, protocol);
  if (rule === null) return [];
  const { text } = rule;
  if (lastPartial?.text !== text || lastPartial.deleteExcluded !== deleteExcluded) {
    lastPartial = { text, deleteExcluded, rules: rulesOfOptions([rule], { deleteExcluded }) };
  }
  return lastPartial.rules;
}

/** What our arguments and the client say, and what `-C` leaves to us. */
async function receiveRules(session: Session, context: FilterListContext): Promise<Rule[]> {
  const { protocol, isSender, options, input } = session;
  const { deleteExcluded, cvsExclude, filters } = options;
  const reader = new FilterListReader(protocol, {
    deleteExcluded,
    cvsIgnore: cvsIgnoreOf(session),
    warn: (text) => session.notice("warning", text),
    // A client has read such files itself; what it names here is not there for it (spec 5-daemon, 5.9.1).
    readFile: () => NO_BYTES,
  });
  if (isFilterListSent(context)) while (await input.read((cursor) => reader.readRule(cursor)));
  const rules = [...filters.rules, ...reader.rules];
  if (!cvsExclude) return rules;
  if (isSender) return [...rules, ...cvsExcludeRules(cvsIgnoreOf(session))];
  return protocol < 29 ? [...rules, CVS_MERGE] : rules;
}
