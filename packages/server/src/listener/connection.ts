/**
 * The text phase of one connection: greeting, request, access, login. Ends with a module to serve, or with the connection
 * closed (spec 5-daemon, 5.5 steps 6 to 14).
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { ProtocolError, RsyncError, StartError } from "@tsrsync/protocol";
import {
  chooseDigest,
  DIGEST_NAMES,
  formatAuthRequired,
  formatDaemonError,
  formatGreeting,
  formatModuleLine,
  type Greeting,
  MAX_AUTH_LINE,
  MAX_REQUEST_LINE,
  makeChallenge,
  negotiateProtocol,
  PROTOCOL_VERSION,
  parseAuthReply,
  parseDaemonRequest,
  parseGreeting,
  REPLY_EXIT,
} from "@tsrsync/protocol/handshake";
import type { ByteString } from "@tsrsync/protocol/wire";
import { LineChannel, loadLoginDigest } from "@tsrsync/transfer";
import { checkAccess, type Peer } from "../access/index.js";
import { authenticate } from "../auth/index.js";
import { type DaemonConfig, findModule, type ModuleConfig } from "../config/index.js";
import { withDeadline } from "../session/deadline.js";

/** What a connection needs of its daemon. */
export interface ConnectionHost {
  config: DaemonConfig;
  log(text: ByteString): void;
  /** Takes one of the module's places; `null` when all are taken. */
  claim(module: ModuleConfig): { release(): void } | null;
  /** The text of the message of the day, if there is one. */
  motd: ByteString | null;
}

/** A client that may use a module. */
export interface Admission {
  module: ModuleConfig;
  protocol: number;
  user: ByteString;
  readOnly: boolean;
  /** Bytes of the client that were read and not used. */
  initial: Uint8Array;
  place: { release(): void };
}

/** Talks to a client until it may use a module; `null` when it may not, or wanted something else. */
export async function admit(
  host: ConnectionHost,
  socket: Socket,
  peer: Peer,
): Promise<Admission | null> {
  const channel = new LineChannel(socket);
  const conversation = new Conversation(host, channel, peer);
  let place: { release(): void } | null = null;
  try {
    const { module, protocol, greeting } = await withDeadline(
      channel,
      host.config.defaults.timeout,
      () => conversation.untilModule(),
    );
    place = await conversation.claimPlace(module);
    const login = await withDeadline(channel, module.timeout, () =>
      conversation.logIn(module, greeting, protocol),
    );
    const admission = { module, protocol, ...login, initial: channel.release(), place };
    place = null;
    return admission;
  } catch (error) {
    place?.release();
    if (!(error instanceof Finished)) sayGoodbye(host, channel, error);
    channel.release();
    return null;
  }
}

/** The conversation came to its end without a session, and all is said. */
class Finished extends Error {}

function sayGoodbye(host: ConnectionHost, channel: LineChannel, thrown: unknown): void {
  const error = RsyncError.from(thrown);
  if (error instanceof StartError) channel.write(`${formatDaemonError(error.message)}\n`);
  // A line that is too long or has a NUL in it comes from no client: no answer is due.
  else if (!(error instanceof ProtocolError)) host.log(`rsync error: ${error.message} (code ${error.exitCode})`);
}

class Conversation {
  readonly #host: ConnectionHost;
  readonly #channel: LineChannel;
  readonly #peer: Peer;

  constructor(host: ConnectionHost, channel: LineChannel, peer: Peer) {
    this.#host = host;
    this.#channel = channel;
    this.#peer = peer;
  }

  get #who(): ByteString {
    return `${this.#peer.hostName} (${this.#peer.address})`;
  }

  async #line(maxLength: number): Promise<ByteString> {
    const line = await this.#channel.readLine(maxLength);
    if (line === null) throw new Finished();
    return line;
  }

  /** Greets, and finds out which module is wanted and whether the client may know it. */
  async untilModule(): Promise<{ module: ModuleConfig; protocol: number; greeting: Greeting }> {
    const { motd } = this.#host;
    const own = { version: PROTOCOL_VERSION, sub: 0 };
    this.#channel.write(`${formatGreeting({ ...own, digests: DIGEST_NAMES })}\n`);
    if (motd !== null) this.#channel.write(`${motd}\n`);
    const greeting = parseGreeting(await this.#line(MAX_REQUEST_LINE), "server");
    const protocol = negotiateProtocol(own, greeting);
    let request = parseDaemonRequest(await this.#line(MAX_REQUEST_LINE));
    if (request.kind === "early-input") {
      // Nothing here runs programs that could read it, but a client may send it.
      if ((await this.#channel.readBytes(request.length)) === null) throw new Finished();
      request = parseDaemonRequest(await this.#line(MAX_REQUEST_LINE));
    }
    if (request.kind === "list") this.#listModules(protocol);
    if (request.kind !== "module") throw new Finished();
    return { module: await this.#findModule(request.name), protocol, greeting };
  }

  #listModules(protocol: number): never {
    this.#host.log(`module-list request from ${this.#who}`);
    for (const { name, comment, list } of this.#host.config.modules) {
      if (list) this.#channel.write(`${formatModuleLine({ name, comment })}\n`);
    }
    if (protocol >= 25) this.#channel.write(`${REPLY_EXIT}\n`);
    throw new Finished();
  }

  async #findModule(name: ByteString): Promise<ModuleConfig> {
    const { log, config } = this.#host;
    const module = findModule(config, name);
    if (module === undefined) {
      log(`unknown module '${name}' tried from ${this.#who}`);
      throw new StartError(`Unknown module '${name}'`);
    }
    if (!(await checkAccess(module, this.#peer, log))) {
      log(`rsync denied on module ${name} from ${this.#who}`);
      throw new StartError(
        module.list ? `access denied to ${name} from ${this.#who}` : `Unknown module '${name}'`,
      );
    }
    log(`rsync allowed access on module ${name} from ${this.#who}`);
    return module;
  }

  async claimPlace(module: ModuleConfig): Promise<{ release(): void }> {
    const place = this.#host.claim(module);
    if (place !== null) return place;
    const { maxConnections } = module;
    this.#host.log(`max connections (${maxConnections}) reached`);
    throw new StartError(`max connections (${maxConnections}) reached -- try again later`);
  }

  /** Asks for a login if the module has users. */
  async logIn(
    module: ModuleConfig,
    greeting: Greeting,
    protocol: number,
  ): Promise<{ user: ByteString; readOnly: boolean }> {
    if (module.authUsers === "") return { user: "", readOnly: module.readOnly };
    const failure = new StartError(`auth failed on module ${module.name}`);
    const choice = this.#chooseDigest(module, greeting, protocol);
    if (choice === null) throw failure;
    const digest = await loadLoginDigest(choice.name);
    const challenge = makeChallenge(digest, choice.name, randomBytes(64));
    this.#channel.write(`${formatAuthRequired(challenge)}\n`);
    const { user, response } = parseAuthReply(await this.#line(MAX_AUTH_LINE));
    const verdict = authenticate({ module, user, response, challenge, digest: choice, digestFunction: digest });
    if (verdict.ok) {
      const { access } = verdict;
      return { user, readOnly: access === null ? module.readOnly : access === "ro" };
    }
    const from = `auth failed on module ${module.name} from ${this.#who}`;
    this.#host.log(
      response === "" ? `${from}: invalid challenge response` : `${from} for ${user}: ${verdict.reason}`,
    );
    throw failure;
  }

  /** The digest of the login; `null` (and logged) when it is weaker than the module demands. */
  #chooseDigest(module: ModuleConfig, greeting: Greeting, protocol: number) {
    let choice: ReturnType<typeof chooseDigest>;
    try {
      choice = chooseDigest("server", DIGEST_NAMES, greeting.digests, protocol);
    } catch (error) {
      throw new StartError(RsyncError.from(error).message, { cause: error });
    }
    const floor = module.authDigest.toLowerCase();
    if (floor === "") return choice;
    const from = `auth failed on module ${module.name} from ${this.#who}`;
    const wanted = DIGEST_NAMES.findIndex((name) => name === floor);
    if (wanted < 0) {
      this.#host.log(
        `${from}: the configured 'auth digest = ${floor}' is not a supported digest on this build`,
      );
      return null;
    }
    if (DIGEST_NAMES.indexOf(choice.name) <= wanted && !choice.legacy) return choice;
    this.#host.log(
      `${from}: negotiated auth digest ${choice.name} is weaker than the required 'auth digest = ${floor}'`,
    );
    return null;
  }
}
