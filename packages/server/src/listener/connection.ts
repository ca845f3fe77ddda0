/**
 * The text phase of one connection: greeting, request, access, login. Ends with a module to serve, or with the connection
 * closed (spec 5-daemon, 5.5 steps 6 to 14).
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { ProtocolError, RsyncError, StartError } from "@tsrsync/protocol";
import {
  type AuthDigest,
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
import { type ErrorOrigin, LineChannel, lastWords, loadLoginDigest } from "@tsrsync/transfer";
import {
  type ClientPeer,
  type ConnectionSlot,
  type ConnectionSlots,
  checkAccess,
} from "../access/index.js";
import { authenticate, checkDigestFloor, loginFailedLine, requiresLogin } from "../auth/index.js";
import { type DaemonConfig, expandModule, findModule, type ModuleConfig } from "../config/index.js";
import {
  accessAllowedText,
  accessDeniedText,
  moduleListText,
  unknownModuleText,
} from "../log/index.js";
import { withDeadline } from "../session/deadline.js";
import { VERSION } from "../version.js";

const ORIGIN: ErrorOrigin = { file: "tsrsyncd", line: 0, role: "Receiver", version: VERSION };

/** What a connection needs of its daemon. */
export interface ConnectionHost {
  config: DaemonConfig;
  log(text: ByteString): void;
  slots: ConnectionSlots;
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
  slot: ConnectionSlot;
  /** The client, with the name that its address was given by an access rule, if any. */
  peer: ClientPeer;
}

/** Talks to a client until it may use a module; `null` when it may not, or wanted something else. */
export async function admit(
  host: ConnectionHost,
  socket: Duplex,
  peer: ClientPeer,
): Promise<Admission | null> {
  const channel = new LineChannel(socket);
  const conversation = new Conversation(host, channel, peer);
  let slot: ConnectionSlot | null = null;
  try {
    const { module, protocol, greeting } = await withDeadline(
      channel,
      host.config.defaults.timeout,
      () => conversation.untilModule(),
    );
    slot = conversation.claimSlot(module);
    const login = await withDeadline(channel, module.timeout, () =>
      conversation.logIn(module, greeting, protocol),
    );
    return {
      module: expandModule(module, { RSYNC_USER_NAME: login.user }),
      protocol,
      ...login,
      initial: channel.release(),
      slot,
      peer: conversation.peer,
    };
  } catch (error) {
    slot?.release();
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
  else if (!(error instanceof ProtocolError)) {
    for (const line of lastWords(error, ORIGIN).split("\n")) host.log(line);
  }
}

class Conversation {
  readonly #host: ConnectionHost;
  readonly #channel: LineChannel;
  peer: ClientPeer;

  constructor(host: ConnectionHost, channel: LineChannel, peer: ClientPeer) {
    this.#host = host;
    this.#channel = channel;
    this.peer = peer;
  }

  get #who(): ByteString {
    return `${this.peer.hostName} (${this.peer.address})`;
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
    this.#host.log(moduleListText(this.peer));
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
      log(unknownModuleText(name, this.peer));
      throw new StartError(`Unknown module '${name}'`);
    }
    const verdict = await checkAccess(module, this.peer, { log });
    this.peer = { ...this.peer, hostName: verdict.hostName };
    if (!verdict.isAllowed) {
      log(accessDeniedText(name, this.peer));
      throw new StartError(
        module.list ? `access denied to ${name} from ${this.#who}` : `Unknown module '${name}'`,
      );
    }
    log(accessAllowedText(name, this.peer));
    return expandModule(module, {
      RSYNC_MODULE_NAME: name,
      RSYNC_HOST_ADDR: this.peer.address,
      RSYNC_HOST_NAME: this.peer.hostName,
    });
  }

  claimSlot(module: ModuleConfig): ConnectionSlot {
    const claim = this.#host.slots.claim(module);
    if (claim.ok) return claim.slot;
    this.#host.log(claim.refusal.log);
    this.#channel.write(`${claim.refusal.client}\n`);
    throw new Finished();
  }

  /** Asks for a login if the module has users. */
  async logIn(
    module: ModuleConfig,
    greeting: Greeting,
    protocol: number,
  ): Promise<{ user: ByteString; readOnly: boolean }> {
    if (!requiresLogin(module)) return { user: "", readOnly: module.readOnly };
    const digest = this.#chooseDigest(greeting, protocol);
    const belowFloor = checkDigestFloor(module, this.peer, digest.name);
    if (belowFloor !== null) this.#refuseLogin(module, [belowFloor]);
    const hash = await loadLoginDigest(digest.name);
    const challenge = makeChallenge(hash, digest.name, randomBytes(64));
    this.#channel.write(`${formatAuthRequired(challenge)}\n`);
    const { user, response } = parseAuthReply(await this.#line(MAX_AUTH_LINE));
    const { peer } = this;
    const verdict = authenticate({ module, peer, user, response, challenge, digest, hash });
    if (!verdict.ok) this.#refuseLogin(module, verdict.log);
    const { access } = verdict;
    return { user, readOnly: access === null ? module.readOnly : access === "ro" };
  }

  #chooseDigest(greeting: Greeting, protocol: number): AuthDigest {
    try {
      return chooseDigest("server", DIGEST_NAMES, greeting.digests, protocol);
    } catch (error) {
      throw new StartError(RsyncError.from(error).message, { cause: error });
    }
  }

  #refuseLogin(module: ModuleConfig, lines: readonly ByteString[]): never {
    for (const line of lines) this.#host.log(line);
    this.#channel.write(`${loginFailedLine(module)}\n`);
    throw new Finished();
  }
}
