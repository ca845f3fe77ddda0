/**
 * The server's side of the arguments: what a client asks for.
 * Spec: docs/protocol/1-session.md, 3; docs/protocol/5-daemon.md, 5.5.3.
 * @module
 */
import { ProtocolError, UnsupportedError } from "../errors.js";
import type { ByteString } from "../wire/index.js";
import { findOption } from "./option-index.js";
import { parseArguments } from "./parse.js";
import { unquoteArguments } from "./quote.js";
import { type ResolvedSettings, resolveSettings } from "./resolve.js";
import type { Settings } from "./settings.js";

/** Where the arguments come from. */
export interface ServerRequestOptions {
  /** The list of a daemon's client: quoted values, and options that no stranger may set. */
  readonly fromDaemonClient: boolean;
}

/** A client's request. */
export interface ServerRequest {
  readonly settings: ResolvedSettings;
  /** Whether the server sends (the client pulls). */
  readonly isSender: boolean;
  /** The client's capability string, such as `.iLsfxCIvu`; empty when it sent none. */
  readonly capabilities: string;
  /** What follows the lone `.`: raw paths of the sources, or of the destination. */
  readonly paths: readonly ByteString[];
  /** Names of the options given, as in `ParsedArguments`. */
  readonly givenOptions: readonly string[];
  /** As in `ParsedArguments`. */
  readonly givenAliases: ReadonlyMap<string, string>;
  /** Messages for the client; the run goes on. */
  readonly warnings: readonly string[];
}

/** Options that a daemon's client may not use whatever the configuration says; the last four are our own decision. */
const REFUSED = new Set([
  "insecure-links",
  "log-file",
  "log-file-format",
  "copy-as",
  "protocol",
  "help",
  "version",
]);

const MAX_COMPRESS_THREADS = 8;

/**
 * Reads the arguments that a server got.
 * @param first the command line, or a daemon client's first list, without program name.
 * @param secluded the second list, with the dummy name it begins with; null before it came. When the result's
 * `settings.secludedArgs` is true and there was none yet, read it and call again.
 * @throws OptionError, UsageError, UnsupportedError or ProtocolError, to be reported through the protocol.
 */
export function parseServerRequest(
  first: readonly ByteString[],
  secluded: readonly ByteString[] | null,
  { fromDaemonClient }: ServerRequestOptions,
): ServerRequest {
  const words = fromDaemonClient ? unquoteArguments(first) : first;
  const parsed = parseArguments(joined(words, secluded), { mode: "server", fromClient: true });
  if (!parsed.givenOptions.includes("server"))
    throw new ProtocolError("arguments: expected --server");
  const warnings: string[] = [];
  if (fromDaemonClient) neutralize(parsed.settings, parsed.givenOptions);
  const { batchMode } = parsed.settings;
  if (batchMode === "read" || batchMode === "write") {
    warnings.push(`ignoring --${batchMode}-batch option sent to server`);
  }
  // The file is the client's; what is in it is missing here.
  if (batchMode !== "only-write") parsed.settings.batchMode = null;
  parsed.settings.batchFile = null;
  return {
    settings: resolveSettings(parsed),
    isSender: parsed.settings.serverIsSender,
    capabilities: parsed.settings.rsh ?? "",
    paths: parsed.paths,
    givenOptions: parsed.givenOptions,
    givenAliases: parsed.givenAliases,
    warnings,
  };
}

/** The second list wins: what the first has after its options (some old clients leave paths there) is dropped. */
function joined(
  first: readonly ByteString[],
  secluded: readonly ByteString[] | null,
): readonly ByteString[] {
  if (secluded === null) return first;
  const dot = first.indexOf(".");
  return [...first.slice(0, dot < 0 ? first.length : dot), ...secluded.slice(1)];
}

function neutralize(settings: Settings, given: readonly string[]): void {
  const refused = given.find((name) => REFUSED.has(name));
  if (refused !== undefined) throw new UnsupportedError(refusalText(refused));
  settings.confineRoot = null;
  settings.mungeLinks = false;
  if (settings.superUser === "fake") settings.superUser = "on";
  if (settings.stderr === "all") settings.stderr = "errors";
  settings.compressThreads = Math.min(settings.compressThreads, MAX_COMPRESS_THREADS);
}

/** What a client is told about an option that the daemon's configuration refuses, by the name that it was given by. */
export function refusalText(name: string): string {
  const spec = findOption(name);
  if (spec?.aliases.includes(name)) return `The server is configured to refuse --${name}`;
  const long = spec?.name ?? null;
  const short = spec?.short ?? null;
  const shown = name.startsWith("no-") ? `--${name}` : long === null ? `-${short}` : `--${long}`;
  const letter = long !== null && short !== null && !name.startsWith("no-") ? ` (-${short})` : "";
  return `The server is configured to refuse ${shown}${letter}`;
}
