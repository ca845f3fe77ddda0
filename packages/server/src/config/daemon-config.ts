/**
 * What a configuration says, in plain data. An empty string stands for "not set".
 *
 * Spec: docs/protocol/5-daemon.md, 5.4; docs/protocol/rsyncd-params.json says what each parameter does.
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";

/** The parameters of the daemon as a whole. */
export interface GlobalParameters {
  address: ByteString;
  daemonChroot: ByteString;
  daemonGid: ByteString;
  daemonUid: ByteString;
  motdFile: ByteString;
  pidFile: ByteString;
  proxyProtocolHosts: ByteString;
  socketOptions: ByteString;
  listenBacklog: number;
  /** 0 means 873. */
  port: number;
  proxyProtocol: boolean;
}

/** The parameters of a module. */
export interface ModuleParameters {
  authDigest: ByteString;
  authUsers: ByteString;
  charset: ByteString;
  comment: ByteString;
  dontCompress: ByteString;
  /** As typed: references in hook commands are expanded where they are run (5.9.4). */
  earlyExec: ByteString;
  exclude: ByteString;
  excludeFrom: ByteString;
  filter: ByteString;
  gid: ByteString;
  hostsAllow: ByteString;
  hostsDeny: ByteString;
  include: ByteString;
  includeFrom: ByteString;
  incomingChmod: ByteString;
  lockFile: ByteString;
  logFile: ByteString;
  logFormat: ByteString;
  /** As typed, like `earlyExec`. */
  nameConverter: ByteString;
  outgoingChmod: ByteString;
  /** As typed, like `earlyExec`. */
  postXferExec: ByteString;
  /** As typed, like `earlyExec`. */
  preXferExec: ByteString;
  refuseOptions: ByteString;
  secretsFile: ByteString;
  syslogTag: ByteString;
  uid: ByteString;
  /** Without slashes at its end. */
  path: ByteString;
  tempDir: ByteString;
  /** 0: no limit; negative: nobody. */
  maxConnections: number;
  maxVerbosity: number;
  /** Seconds; 0 and less: none. */
  timeout: number;
  /** A name in lower case or a positive number. */
  syslogFacility: string | number;
  fakeSuper: boolean;
  forwardLookup: boolean;
  ignoreErrors: boolean;
  ignoreNonreadable: boolean;
  insecureLinks: boolean;
  list: boolean;
  readOnly: boolean;
  reverseLookup: boolean;
  strictModes: boolean;
  transferLogging: boolean;
  writeOnly: boolean;
  /** `null`: not set, like the others below. */
  mungeSymlinks: boolean | null;
  numericIds: boolean | null;
  openNoatime: boolean | null;
  useChroot: boolean | null;
}

/** A module: its name, as clients ask for it, and its parameters. */
export interface ModuleConfig extends ModuleParameters {
  name: ByteString;
}

/** A whole configuration. */
export interface DaemonConfig {
  global: GlobalParameters;
  /** The module parameters outside of any module: the daemon's own log, lookups and handshake deadline use them. */
  defaults: ModuleParameters;
  /** In the order of their definition. */
  modules: ModuleConfig[];
  /** Lines for the log. */
  warnings: ByteString[];
}

/** The module that a client asks for by `name`: compared exactly, the last one of that name. */
export function findModule(config: DaemonConfig, name: ByteString): ModuleConfig | undefined {
  return config.modules.findLast((module) => module.name === name);
}
