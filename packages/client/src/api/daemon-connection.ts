/**
 * A connection to a daemon up to the point where it waits for arguments: greeting, module and login are over (spec 1-session, 4).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import { type ByteStream, LineChannel } from "@tsrsync/transfer";
import { PromptConnection } from "../transport/prompt-connection.js";
import type { Acquaintance } from "./acquaintance.js";
import { greet, type LoginRequest, logIn } from "./daemon-login.js";
import { remotePaths } from "./daemon-session.js";
import { readEarlyInput } from "./early-input.js";
import type { Opening } from "./opening.js";
import type { ClientRun } from "./run-client.js";

/** What a login is done with. */
export type LoginRun = Pick<
  ClientRun,
  | "settings"
  | "transfer"
  | "observer"
  | "password"
  | "defaultUser"
  | "onText"
  | "environment"
  | "signal"
>;

/** A daemon that has let us in. */
export class DaemonConnection {
  readonly stream: ByteStream;
  readonly channel: LineChannel;
  readonly protocol: number;
  /** False after a list of modules, behind which nothing comes. */
  readonly ready: boolean;
  /** Remembers what the daemon says. */
  readonly acquaintance: Acquaintance | null;
  /** What was said already, of what comes after the login. */
  readonly opening: Opening | null;

  constructor(
    stream: ByteStream,
    channel: LineChannel,
    protocol: number,
    ready: boolean,
    acquaintance: Acquaintance | null = null,
    opening: Opening | null = null,
  ) {
    this.acquaintance = acquaintance;
    this.opening = opening;
    this.stream = stream;
    this.channel = channel;
    this.protocol = protocol;
    this.ready = ready;
  }

  /** The daemon has not hung up on us while nothing was asked of it. */
  get isUsable(): boolean {
    const { stream } = this;
    if (!this.ready || stream.destroyed) return false;
    // It answers what was said ahead.
    if (this.opening !== null) return !this.channel.isOver;
    if (!this.channel.isSilent) return false;
    return !(stream instanceof PromptConnection) || stream.isSilent;
  }

  /** How much the daemon has said; 0 when that is not known. */
  get bytesRead(): number {
    return "bytesRead" in this.stream ? Number(this.stream.bytesRead) : 0;
  }

  /** The daemon's address; `undefined` when it is not known. */
  get remoteAddress(): string | undefined {
    const { stream } = this;
    return "remoteAddress" in stream ? (stream.remoteAddress as string | undefined) : undefined;
  }

  /** Lets go of it: how it ends is of no interest. */
  close(): void {
    const { stream } = this;
    stream.on("error", () => {});
    stream.end(() => stream.destroy());
    stream.resume();
  }
}

/** Greets the daemon at the other end of a stream and asks for a module. The stream is closed when that fails. */
export async function logInTo(run: LoginRun, stream: ByteStream): Promise<DaemonConnection> {
  return startLogin(run, stream)();
}

/**
 * The same in two steps: greets at once, and is let in when what is returned is called.
 * @param opening what is said ahead; the acquaintance has it from an earlier session
 */
export function startLogin(
  run: LoginRun,
  stream: ByteStream,
  acquaintance?: Acquaintance,
  opening: Opening | null = null,
): () => Promise<DaemonConnection> {
  const channel = new LineChannel(stream);
  const close = () => new DaemonConnection(stream, channel, 0, false).close();
  try {
    const request = loginRequest(run, acquaintance, opening);
    greet(channel, request);
    return async () => {
      try {
        const { protocol, ready, wantedPassword } = await logIn(channel, request);
        if (acquaintance !== undefined) {
          acquaintance.isKnown = true;
          acquaintance.wantsPassword = wantedPassword;
        }
        const told = request.opening;
        return new DaemonConnection(stream, channel, protocol, ready, acquaintance, told);
      } catch (error) {
        acquaintance?.forget();
        close();
        throw error;
      }
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** @throws RsyncError for early input that can not be sent */
function loginRequest(
  run: LoginRun,
  acquaintance: Acquaintance | undefined,
  opening: Opening | null,
): LoginRequest {
  const { settings, transfer } = run;
  const isKnown = acquaintance?.isKnown ?? false;
  const earlyInput = readEarlyInput(settings);
  return {
    module: moduleOf(remotePaths(transfer)[0] ?? ""),
    user: transfer.remote?.user ?? run.defaultUser,
    password: run.password,
    protocol: settings.protocol,
    isKnown,
    onText: run.onText,
    earlyInput,
    opening: isKnown && earlyInput === null ? opening : null,
    wantsPassword: acquaintance?.wantsPassword ?? false,
  };
}

/** The part of a daemon path before the first slash. */
export function moduleOf(path: ByteString): ByteString {
  const slash = path.indexOf("/");
  return slash < 0 ? path : path.slice(0, slash);
}
