/**
 * Listening sockets, and what happens to each connection on them.
 * @module
 */
import { createServer, type Server, type Socket } from "node:net";
import { RsyncError, StartError } from "@tsrsync/protocol";
import type { Rule } from "@tsrsync/protocol/filter";
import type { ByteString } from "@tsrsync/protocol/wire";
import { type AlgorithmLists, setSocketOptions } from "@tsrsync/transfer";
import {
  type ClientPeer,
  ConnectionSlots,
  lookUpClientName,
  normalizeAddress,
  UNDETERMINED,
} from "../access/index.js";
import type { DaemonConfig, ModuleConfig } from "../config/index.js";
import { connectText } from "../log/index.js";
import { moduleFilterRules } from "../session/module-filter.js";
import type { SessionRequest } from "../session/session-request.js";
import { type BindRequest, bindSockets } from "./bind.js";
import { type Admission, admit } from "./connection.js";
import { moduleProblem } from "./module-checks.js";

/** More connections than this are closed at once: each may hold memory and a minute of our patience. */
const MAX_CONNECTIONS = 1000;

export interface ListenerOptions {
  /** The configuration as it is now; read for each connection. */
  config(): DaemonConfig;
  log(text: ByteString): void;
  /** The message of the day. */
  motd(config: DaemonConfig): ByteString | null;
  /** Serves an admitted client to the end of its session. The socket belongs to it from then on. */
  serve(admission: Admission, request: SessionRequest, socket: Socket): Promise<void>;
  algorithmLists: AlgorithmLists;
  /** As in {@link SessionRequest}. */
  bwlimit: number;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #slots = new ConnectionSlots();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /**
   * Listens where it is asked to. Returns the port.
   * @param socketOptions for the listening sockets, which hand them on to connections
   * @throws RsyncError 10 when that can not be.
   */
  async listen(request: BindRequest, socketOptions: ByteString = ""): Promise<number> {
    const servers = await bindSockets(() => this.#makeServer(), request);
    this.#servers.push(...servers);
    for (const server of servers) {
      for (const line of setSocketOptions(server, socketOptions, "Receiver")) {
        this.#options.log(line);
      }
    }
    const bound = servers[0]?.address();
    return typeof bound === "object" && bound !== null ? bound.port : request.port;
  }

  #makeServer(): Server {
    const server = createServer({ noDelay: true, keepAlive: true, pauseOnConnect: false });
    server.maxConnections = MAX_CONNECTIONS;
    server.on("connection", (socket) => void this.#connection(socket));
    return server;
  }

  /** Takes no more connections; those in the text phase are closed. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  async #connection(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on("error", () => {}); // a client that goes away is nobody's failure
    socket.once("close", () => this.#sockets.delete(socket));
    try {
      await this.#serve(socket);
    } catch (error) {
      const { message } = RsyncError.from(error);
      this.#options.log(`connection failed: ${message}`);
      // What keeps the module from being served is a line for the client as well.
      if (error instanceof StartError) socket.write(`${message}\n`);
      finish(socket);
    }
  }

  async #serve(socket: Socket): Promise<void> {
    const { log } = this.#options;
    const config = this.#options.config();
    const peer = await this.#peerOf(socket, config);
    log(connectText(peer));
    const host = {
      config,
      log,
      slots: this.#slots,
      motd: this.#options.motd(config),
    };
    const admission = await admit(host, socket, peer);
    if (admission === null) {
      finish(socket);
      return;
    }
    try {
      await this.#hand(admission, socket);
    } finally {
      admission.slot.release();
    }
  }

  /** The client's address, and its name if any module wants to know it. */
  async #peerOf(socket: Socket, config: DaemonConfig): Promise<ClientPeer> {
    const address = normalizeAddress(socket.remoteAddress ?? "0.0.0.0");
    const wanted =
      config.defaults.reverseLookup || config.modules.some((module) => module.reverseLookup);
    const hostName = wanted ? await lookUpClientName(address, this.#options.log) : UNDETERMINED;
    return { address, hostName };
  }

  async #hand(admission: Admission, socket: Socket): Promise<void> {
    const { module, protocol, user, readOnly, peer } = admission;
    const problem = moduleProblem(module);
    if (problem !== null) {
      this.#options.log(problem);
      socket.write(`@ERROR: ${problem}\n`);
      finish(socket);
      return;
    }
    const rules = this.#rulesOf(module);
    if (rules === null) {
      finish(socket);
      return;
    }
    this.#sockets.delete(socket);
    const { algorithmLists, bwlimit } = this.#options;
    const { hostName, address } = peer;
    const request = {
      module,
      filterRules: rules,
      protocol,
      peer: { hostName, address },
      user,
      readOnly,
      algorithmLists,
      bwlimit,
    };
    await this.#options.serve(admission, request, socket);
  }

  /** What a module hides; `null` when that can not be found out, which only the log says in full. */
  #rulesOf(module: ModuleConfig): readonly Rule[] | null {
    try {
      return moduleFilterRules(module);
    } catch (error) {
      this.#options.log(`module ${module.name}: ${RsyncError.from(error).message}`);
      return null;
    }
  }
}

/** Closes a connection after what was written; a client that does not read it does not keep it open. */
function finish(socket: Socket): void {
  socket.end();
  socket.resume();
  setTimeout(() => socket.destroy(), 2000).unref();
}
