/**
 * The text phase with a daemon: greeting, module, login (spec 1-session, 4).
 * @module
 */
import { ProtocolError, StartError, UsageError } from "@tsrsync/protocol";
import {
  authResponse,
  chooseDigest,
  DIGEST_NAMES,
  formatAuthReply,
  formatGreeting,
  type Greeting,
  MAX_CLIENT_LINE,
  negotiateProtocol,
  PROTOCOL_VERSION,
  parseDaemonReply,
  parseGreeting,
} from "@tsrsync/protocol/handshake";
import { type ByteString, encodeByteString } from "@tsrsync/protocol/wire";
import { type LineChannel, loadLoginDigest } from "@tsrsync/transfer";
import type { Opening } from "./opening.js";

/** What a login needs. */
export interface LoginRequest {
  /** Empty asks for the list of modules. */
  module: ByteString;
  user: ByteString;
  /** Called only when the daemon demands a password. */
  password: () => Promise<Uint8Array>;
  /** The newest protocol to speak. */
  protocol: number;
  /** For the daemon's `early exec`, or `null`. */
  earlyInput: Uint8Array | null;
  /** Asks for the module together with the greeting: the daemon has answered before. */
  isKnown: boolean;
  /** What is said next, if it may be said before the daemon has let us in. */
  opening: Opening | null;
  /** It demanded a password the last time. */
  wantsPassword: boolean;
  /** A line of the message of the day, or of the module list. */
  onText: (line: ByteString) => void;
}

/** Where the conversation stands: ready for the arguments, or over (after a module list). */
export interface LoginResult {
  protocol: number;
  ready: boolean;
  /** It demanded a password. */
  wantedPassword: boolean;
}

/** Greets the daemon. What it says to that is for `logIn`. */
export function greet(channel: LineChannel, request: LoginRequest): void {
  const greeting = `${formatGreeting(greetingOf(request))}\n`;
  const question = asksAtOnce(request) ? `${greeting}${request.module}\n` : greeting;
  const parts = [encodeByteString(question)];
  if (opensUnasked(request)) parts.push(request.opening!.bytes);
  channel.writeBytes(Buffer.concat(parts));
}

/**
 * Asks for a module of the daemon that was greeted.
 * @throws StartError (exit 5) with the daemon's own line, or when it is no daemon.
 */
export async function logIn(channel: LineChannel, request: LoginRequest): Promise<LoginResult> {
  const greeting = parseGreeting(await readGreeting(channel), "client");
  const protocol = negotiateProtocol(greetingOf(request), greeting);
  const { opening } = request;
  if (opening !== null && opening.protocol !== protocol) throw new ChangedDaemon();
  let wantedPassword = false;
  if (request.earlyInput !== null) {
    channel.write(`#early_input=${request.earlyInput.length}\n`);
    channel.writeBytes(request.earlyInput);
  }
  if (!asksAtOnce(request)) channel.write(`${request.module}\n`);
  for (;;) {
    const line = await channel.readLine(MAX_CLIENT_LINE);
    if (line === null) throw new StartError("didn't get server startup line");
    const reply = parseDaemonReply(line);
    switch (reply.kind) {
      case "ok":
        // It has not heard all that was to be said.
        if (opening !== null && wantedPassword !== request.wantsPassword) throw new ChangedDaemon();
        return { protocol, ready: true, wantedPassword };
      case "exit":
        return { protocol, ready: false, wantedPassword };
      case "error":
        throw new DaemonRefusal(reply.text);
      case "auth":
        if (opensUnasked(request)) throw new ChangedDaemon();
        wantedPassword = true;
        await answerChallenge(channel, request, reply.challenge, greeting.digests, protocol);
        break;
      case "text":
        request.onText(reply.text);
        break;
    }
  }
}

/** Early input comes before the module. */
function asksAtOnce({ isKnown, earlyInput }: LoginRequest): boolean {
  return isKnown && earlyInput === null;
}

/** A daemon that lets everybody in. */
function opensUnasked({ opening, wantsPassword }: LoginRequest): boolean {
  return opening !== null && !wantsPassword;
}

function greetingOf({ protocol }: LoginRequest): Greeting {
  return { version: Math.min(protocol, PROTOCOL_VERSION), sub: 0, digests: DIGEST_NAMES };
}

/** A line that is too long to be a greeting shows that this is no daemon. */
async function readGreeting(channel: LineChannel): Promise<ByteString | null> {
  try {
    return await channel.readLine(MAX_CLIENT_LINE);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new StartError("did not see server greeting", { cause });
  }
}

/** What was said ahead was not for this daemon: it is not as it was. Nothing has happened but that it was told arguments. */
export class ChangedDaemon extends StartError {
  constructor() {
    super("the daemon has changed");
  }
}

/** The daemon said no; its line is printed as it is. */
export class DaemonRefusal extends StartError {}

async function answerChallenge(
  channel: LineChannel,
  request: LoginRequest,
  challenge: ByteString,
  digests: readonly string[] | null,
  protocol: number,
): Promise<void> {
  if (request.user === "")
    throw new UsageError("the daemon demands a login, but there is no user name");
  const choice = chooseDigest("client", DIGEST_NAMES, digests, protocol);
  const password = await request.password();
  const digest = await loadLoginDigest(choice.name);
  const response = authResponse(digest, choice, password, challenge);
  const reply = encodeByteString(`${formatAuthReply({ user: request.user, response })}\n`);
  const { opening } = request;
  channel.writeBytes(opening === null ? reply : Buffer.concat([reply, opening.bytes]));
}
