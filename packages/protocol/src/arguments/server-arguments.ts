/**
 * The command line of the server: what the other end must know, as words.
 *
 *     --server  [--sender]  -LETTERSe.CAPABILITIES  [long options...]  .  PATH...
 *
 * Spec: docs/protocol/1-session.md, 3; docs/protocol/4-command.md, 9.
 * @module
 */
import { type ByteString, encodeByteString } from "../wire/index.js";
import { compileExpression, type Expression, type Scope } from "./expression.js";
import { isRemoteList, remoteListPath } from "./files-from.js";
import { infoForServer } from "./message-levels.js";
import type { WireEntry } from "./option-spec.js";
import { OPTIONS } from "./options.js";
import { daemonPath, protectDash, quoteOptionValue, quotePath } from "./quote.js";
import type { ResolvedSettings } from "./resolve.js";
import { allowsIncrementalRecursion } from "./resolve-receiver.js";

/** The session that the server is started for. */
export interface ServerSession {
  /** `push`: the client sends. A local copy is a push. */
  readonly direction: "push" | "pull";
  /** How the words travel: through a remote shell, in a daemon's dialogue, or to a process of our own. */
  readonly transport: "shell" | "daemon" | "local";
  /** The newest version that the client will speak; for a daemon, the version agreed on. */
  readonly protocol: number;
  /** The paths on the server: of the sources in a pull, of the destination in a push. A daemon's with module. */
  readonly paths: readonly ByteString[];
}

/** The words, and what is to be sent as data with secluded arguments (null without). */
export interface ServerArguments {
  /** All words after the program's name. */
  readonly words: readonly ByteString[];
  /** The second list, from the dummy name `rsync` on; `encodeArgumentList` makes the bytes. */
  readonly secluded: readonly ByteString[] | null;
}

const BUNDLE_FIRST = 10;
const BUNDLE_LAST = 42;
/** With secluded arguments, what comes after this (`--iconv`) is not on the command line. */
const VISIBLE_LAST = 50;

interface CompiledEntry extends WireEntry {
  readonly holds: Expression;
  readonly count: Expression;
}

const ENTRIES: readonly CompiledEntry[] = OPTIONS.flatMap(({ wire }) => wire)
  .map((entry) => ({
    ...entry,
    holds: compileExpression(entry.when),
    count: compileExpression(entry.times ?? "1"),
  }))
  .sort((a, b) => a.seq - b.seq);

/** The server's command line. */
export function serverArguments(
  settings: ResolvedSettings,
  session: ServerSession,
): ServerArguments {
  const quoted = session.transport === "shell" && !settings.secludedArgs;
  const quoteLevel = quoted ? settings.oldArgs : 2;
  const options = optionWords(settings, session, quoteLevel);
  // Daemons up to 3.4.1 take backslashes literally and later ones undo them: only a secluded list means the same to all.
  if (session.transport === "daemon" && !settings.secludedArgs && session.protocol >= 30) {
    const words = [...options.visible, ...options.hidden];
    if (words.some((word) => word.includes("\\"))) {
      return serverArguments({ ...settings, secludedArgs: true }, session);
    }
  }
  const paths = session.paths.map((path) => pathWord(path, settings, session, quoteLevel));
  const tail = [...options.hidden, ".", ...paths];
  const fillEmpty = (words: readonly ByteString[]) => words.map((word) => word || ".");
  if (settings.secludedArgs) {
    return { words: options.visible, secluded: ["rsync", ...fillEmpty(tail)] };
  }
  const words = [...options.visible, ...tail];
  // An empty argument would end a daemon's list.
  return { words: session.transport === "daemon" ? fillEmpty(words) : words, secluded: null };
}

/** The bytes of a list: each argument and the whole list end in NUL (or LF, for a daemon before protocol 30). */
export function encodeArgumentList(
  words: readonly ByteString[],
  terminator: "nul" | "line",
): Uint8Array {
  const end = terminator === "nul" ? "\0" : "\n";
  return encodeByteString(words.map((word) => word + end).join("") + end);
}

/** The letters after `-e.` that a client with these settings sends, as the server sees them; empty below protocol 30. */
export function clientCapabilities(settings: ResolvedSettings, session: ServerSession): string {
  if (session.protocol < 30) return "";
  return `.${incRecursionLetter(settings, session)}LsfxCIvu`;
}

function incRecursionLetter(settings: ResolvedSettings, { direction }: ServerSession): string {
  return allowsIncrementalRecursion(settings, direction === "pull") ? "i" : "";
}

interface OptionWords {
  readonly visible: ByteString[];
  readonly hidden: ByteString[];
}

function optionWords(
  settings: ResolvedSettings,
  session: ServerSession,
  quoteLevel: number,
): OptionWords {
  const scope = createScope(settings, session);
  const visible: ByteString[] = [];
  const hidden: ByteString[] = [];
  let bundle = "";
  let bundled = false;
  const closeBundle = () => {
    if (!bundled && bundle !== "") visible.push(`-${bundle}`);
    bundled = true;
  };
  for (const entry of ENTRIES) {
    if (entry.seq > BUNDLE_LAST) closeBundle();
    if (entry.role !== "both" && entry.role !== session.direction) continue;
    if (!entry.holds(scope)) continue;
    if (entry.seq >= BUNDLE_FIRST && entry.seq <= BUNDLE_LAST) {
      bundle += fill(entry.letters!, scope).repeat(Number(entry.count(scope)));
      continue;
    }
    const target = settings.secludedArgs && entry.seq > VISIBLE_LAST ? hidden : visible;
    target.push(...entryWords(entry, scope, quoteLevel));
  }
  closeBundle();
  return { visible, hidden };
}

function entryWords(entry: CompiledEntry, scope: Scope, quoteLevel: number): ByteString[] {
  const items = entry.forEach ? (scope[entry.forEach] as readonly ByteString[]) : [null];
  const quotes =
    quoteLevel < (entry.quote === "remote-option" ? 1 : 2) && entry.quote !== undefined;
  const quote = quotes ? quoteOptionValue : (value: ByteString) => value;
  return items.flatMap((item) => {
    const inner = item === null ? scope : { ...scope, item };
    return entry.words!.map((word) => fill(word, inner, quote));
  });
}

function fill(
  template: string,
  scope: Scope,
  quote: (value: ByteString) => ByteString = (value) => value,
): ByteString {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => quote(display(scope[name])));
}

function display(value: unknown): ByteString {
  // Large sizes in full: String(2 ** 63) would round the digits.
  return typeof value === "number" ? BigInt(value).toString() : String(value);
}

function createScope(settings: ResolvedSettings, session: ServerSession): Scope {
  const { iconv } = settings;
  return {
    ...settings,
    push: session.direction === "push",
    protocol: session.protocol,
    infoForServer: infoForServer(settings.infoLevels, session.direction),
    filesFromIsRemote: isRemoteList(settings.filesFrom),
    filesFromPath: remoteListPath(settings.filesFrom),
    iconvRemote: iconv === null ? null : iconv.slice(iconv.indexOf(",") + 1),
    i: incRecursionLetter(settings, session),
  };
}

function pathWord(
  path: ByteString,
  settings: ResolvedSettings,
  session: ServerSession,
  quoteLevel: number,
): ByteString {
  const safe = protectDash(path || ".");
  if (session.transport === "daemon") {
    const module = session.paths[0]!.split("/", 1)[0]!;
    return settings.oldArgs > 0 && path !== module ? safe : daemonPath(safe, module);
  }
  if (quoteLevel > 0) return safe;
  const quoted = quotePath(safe);
  return escapesTilde(path, settings, session) ? `\\${quoted}` : quoted;
}

/** A pulled `~name` is a file of that name, unless the sender is trusted to expand it. */
function escapesTilde(
  path: ByteString,
  { trustSender, relative }: ResolvedSettings,
  { direction }: ServerSession,
): boolean {
  if (!path.startsWith("~") || direction !== "pull" || trustSender) return false;
  return !path.includes("/") || (relative && !path.includes("/./"));
}
