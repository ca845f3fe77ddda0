/**
 * A connection to a daemon up to the point where it waits for arguments: greeting, module and login are over (spec 1-session, 4).
 * @module
 */
import type { Duplex } from "node:stream";
import type { ByteString } from "@tsrsync/protocol/wire";
import { LineChannel } from "@tsrsync/transfer";
import { logIn } from "./daemon-login.js";
import { remotePaths } from "./daemon-session.js";
import { readEarlyInput } from "./early-input.js";
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
  readonly stream: Duplex;
  readonly channel: LineChannel;
  readonly protocol: number;
  /** False after a list of modules, behind which nothing comes. */
  readonly ready: boolean;

  constructor(stream: Duplex, channel: LineChannel, protocol: number, ready: boolean) {
    this.stream = stream;
    this.channel = channel;
    this.protocol = protocol;
    this.ready = ready;
  }

  /** The daemon has not hung up on us while nothing was asked of it. */
  get isUsable(): boolean {
    return this.ready && !this.stream.destroyed && this.channel.isSilent;
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
export async function logInTo(run: LoginRun, stream: Duplex): Promise<DaemonConnection> {
  const { settings, transfer } = run;
  const channel = new LineChannel(stream);
  try {
    const { protocol, ready } = await logIn(channel, {
      module: moduleOf(remotePaths(transfer)[0] ?? ""),
      user: transfer.remote?.user ?? run.defaultUser,
      password: run.password,
      protocol: settings.protocol,
      onText: run.onText,
      earlyInput: readEarlyInput(settings),
    });
    return new DaemonConnection(stream, channel, protocol, ready);
  } catch (error) {
    new DaemonConnection(stream, channel, 0, false).close();
    throw error;
  }
}

/** The part of a daemon path before the first slash. */
export function moduleOf(path: ByteString): ByteString {
  const slash = path.indexOf("/");
  return slash < 0 ? path : path.slice(0, slash);
}
