/**
 * A daemon inside an application: modules from plain values, sessions in the same process.
 * @module
 */
import type { Socket } from "node:net";
import { byteStringFromText } from "@tsrsync/protocol/wire";
import { algorithmListsOf, type FileTree, openOperatorTree } from "@tsrsync/transfer";
import {
  createModule,
  type DaemonConfig,
  type GlobalParameters,
  type ModuleConfig,
  type ModuleParameters,
  moduleDefaults,
} from "./config/index.js";
import type { Admission } from "./listener/connection.js";
import { Listener } from "./listener/listener.js";
import { serveModule } from "./session/serve-module.js";
import type { SessionRequest } from "./session/session-request.js";

/** A module of a server: a directory, or any other tree. */
export interface ServerModule extends Partial<ModuleParameters> {
  name: string;
  /** The directory to serve. */
  path?: string;
  /** What to serve instead of a directory: an archive, memory, an object store. */
  tree?: FileTree;
}

export interface ServerOptions {
  modules: readonly ServerModule[];
  /** One line for each event, as rsyncd logs it. */
  log?: (text: string) => void;
  /** Shown to each client first. */
  motd?: string;
}

/** A running server. */
export interface RsyncServer {
  /** Starts to listen; port 0 takes any free one. Returns the port. */
  listen(port: number, address?: string): Promise<number>;
  /** Takes no more connections; sessions in progress go on. */
  close(): Promise<void>;
}

const BACKLOG = 128;

/** What only a daemon with a configuration file uses. */
const GLOBAL_DEFAULTS: GlobalParameters = {
  address: "",
  daemonChroot: "",
  daemonGid: "",
  daemonUid: "",
  motdFile: "",
  pidFile: "",
  proxyProtocolHosts: "",
  socketOptions: "",
  listenBacklog: BACKLOG,
  port: 0,
  proxyProtocol: false,
};

/**
 * Makes a daemon that lives in this process.
 *
 * ```ts
 * const server = createServer({ modules: [{ name: "pub", path: "/srv/pub", readOnly: true }] });
 * const port = await server.listen(8730, "127.0.0.1");
 * ```
 */
export function createServer(options: ServerOptions): RsyncServer {
  const trees = new Map<string, FileTree>();
  const modules = options.modules.map((module) => toModule(module, trees));
  const config: DaemonConfig = {
    global: GLOBAL_DEFAULTS,
    defaults: { ...moduleDefaults(), reverseLookup: false },
    modules,
    warnings: [],
  };
  const log = (text: string) => options.log?.(text);
  const listener = new Listener({
    config: () => config,
    log,
    motd: () => (options.motd === undefined ? null : byteStringFromText(options.motd)),
    algorithmLists: algorithmListsOf({}),
    bwlimit: 0,
    serve: (admission, request, socket) => serveHere(admission, request, socket, trees, log),
  });
  return {
    listen: (port, address) =>
      listener.listen({ port, address: address ?? null, backlog: BACKLOG }),
    close: () => listener.close(),
  };
}

function toModule(module: ServerModule, trees: Map<string, FileTree>): ModuleConfig {
  const { name, path, tree, ...parameters } = module;
  if ((path === undefined) === (tree === undefined)) {
    throw new TypeError(`module ${name}: expected either a path or a tree`);
  }
  if (tree !== undefined) trees.set(byteStringFromText(name), tree);
  return createModule({
    reverseLookup: false,
    ...parameters,
    name: byteStringFromText(name),
    path: byteStringFromText(path ?? "/"),
  });
}

async function serveHere(
  admission: Admission,
  request: SessionRequest,
  stream: Socket,
  trees: ReadonlyMap<string, FileTree>,
  log: (text: string) => void,
): Promise<void> {
  const { module, initial } = admission;
  const own = trees.get(module.name);
  const options = { followLinks: true, linksLeadOut: module.insecureLinks };
  let root: FileTree;
  try {
    root = own ?? openOperatorTree(module.path, options);
  } catch {
    log(`chdir ${module.path} failed`);
    stream.end("@ERROR: chdir failed\n");
    return;
  }
  try {
    await serveModule({ request, stream, initial, root, log });
  } finally {
    if (own === undefined) await root.close();
  }
}
