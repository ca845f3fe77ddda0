/**
 * The arguments of a daemon's client (spec 1-session, 3.6 and 4.6).
 * @module
 */
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { parseServerRequest, type ServerRequest } from "@tsrsync/protocol/arguments";
import type { ByteString } from "@tsrsync/protocol/wire";
import { convertWords, type LineChannel } from "@tsrsync/transfer";
import { refusedOption } from "./refuse-options.js";
import type { SessionRequest } from "./session-request.js";

/** What the arguments of a client say. */
export interface ReadRequest {
  parsed: ServerRequest;
  /** Why it can not be served; told once the client can read frames (spec 1-session, 4.5). */
  problem: RsyncError | null;
}

/**
 * Reads the one or two lists of arguments.
 * @throws RsyncError when the connection ends before them, or they are more than anybody needs.
 */
export async function readRequest(
  channel: LineChannel,
  { protocol, module }: SessionRequest,
): Promise<ReadRequest> {
  const words = await readWords(channel, protocol >= 30 ? "nul" : "line");
  try {
    const first = parseServerRequest(words, null, { fromDaemonClient: true });
    if (!first.settings.secludedArgs) return { parsed: first, problem: null };
    // Whoever only passed the option on (`-M-s`) waits for the refusal that is certain already.
    if (!sendsSecluded(words) && refusedOption(module, first) !== null) {
      return { parsed: first, problem: null };
    }
    const secluded = await readWords(channel, "nul");
    const charset = first.settings.iconv === null ? null : module.charset || null;
    const converted = await convertWords(secluded, charset, "fromWire");
    const parsed = parseServerRequest(words, converted, { fromDaemonClient: true });
    return { parsed, problem: null };
  } catch (error) {
    return { parsed: minimalRequest(words), problem: RsyncError.from(error) };
  }
}

/** Whether the client itself hides its words: its first list has no paths, or the stray word of old protocols. */
function sendsSecluded(words: readonly ByteString[]): boolean {
  return !words.includes(".") || words.includes("(null)");
}

async function readWords(channel: LineChannel, terminator: "nul" | "line"): Promise<ByteString[]> {
  const words = await channel.readArguments(terminator);
  if (words !== null) return words;
  throw new RsyncError(ExitCode.Stream, "the connection was closed before the arguments");
}

/** What is needed to tell a client that its options are wrong: the roles, and how it wants to be talked to. */
function minimalRequest(words: readonly ByteString[]): ServerRequest {
  const roles = words.filter((word) => word === "--sender");
  const capabilities = words.flatMap((word) => /^-[A-Za-z]*(e\.[A-Za-z]*)$/.exec(word)?.[1] ?? []);
  const options = capabilities.slice(0, 1).map((value) => `-${value}`);
  return parseServerRequest(["--server", ...roles, ...options, "."], null, {
    fromDaemonClient: true,
  });
}
