/**
 * A daemon for one client, who came over a remote shell (`--server --daemon .`; spec 5-daemon, 5.2.7) or whose connection
 * inetd has passed on (5.2.6).
 * @module
 */
import type { Duplex } from "node:stream";
import { ExitCode, StartError } from "@tsrsync/protocol";
import type { ByteString } from "@tsrsync/protocol/wire";
import { algorithmListsOf, type LogSink } from "@tsrsync/transfer";
import { ConnectionSlots, normalizeAddress, UNKNOWN } from "./access/index.js";
import { resolveModuleIdentity } from "./auth/index.js";
import { ConfigError, type DaemonConfig, loadConfig } from "./config/index.js";
import { type Admission, admit } from "./listener/connection.js";
import { moduleProblem } from "./listener/module-checks.js";
import { connectText, DaemonLog } from "./log/index.js";
import { readMotd } from "./motd.js";
import type { DaemonWorld } from "./run-daemon.js";
import { moduleFilterRules } from "./session/module-filter.js";
import { serveModule } from "./session/serve-module.js";
import { becomeIdentity } from "./worker/become-identity.js";

/** Where the shell says whom it runs for; the first one that is set counts. */
const ADDRESS_VARIABLES = ["REMOTE_HOST", "SSH_CONNECTION", "SSH_CLIENT", "SSH2_CLIENT"];

/** Without a log file nothing is logged: standard error belongs to the client's user. */
const NO_LOG: LogSink = { write: () => {}, close: () => {} };

/**
 * Serves the client at the other end of `stream`, in this process, with its privileges or fewer.
 * @param address the client's; without it that of whom the remote shell runs for.
 */
export async function runDaemonOnStream(
  world: DaemonWorld,
  stream: Duplex,
  address: string = addressIn(world.environment),
): Promise<ExitCode> {
  const { settings, environment } = world;
  stream.on("error", () => {}); // a client that goes away is nobody's failure
  const isOwnFile = settings.server && process.geteuid?.() !== 0;
  const file = settings.config ?? (!isOwnFile ? "/etc/rsyncd.conf" : "rsyncd.conf");
  try {
    const config = loadConfig(file, { env: environment, dparams: settings.dparam, part: "all" });
    const log = new DaemonLog(settings.logFile ?? config.defaults.logFile, {
      isForModules: settings.logFile !== null,
      fallback: NO_LOG,
    });
    await converse(world, config, log, stream, address);
    log.close();
    return ExitCode.Ok;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    world.writeError(`${error.message}\nFailed to parse config file: ${file}\n`);
    return ExitCode.Usage;
  } finally {
    await new Promise<void>((resolve) => stream.end(() => resolve()));
    stream.destroy();
  }
}

async function converse(
  { environment, settings }: DaemonWorld,
  config: DaemonConfig,
  daemonLog: DaemonLog,
  stream: Duplex,
  address: string,
): Promise<void> {
  const log = (text: ByteString) => daemonLog.write(text);
  const slots = new ConnectionSlots();
  const peer = { address, hostName: address === "127.0.0.1" ? "localhost" : UNKNOWN };
  log(connectText(peer));
  const admission = await admit({ config, log, slots, motd: readMotd(config) }, stream, peer);
  if (admission === null) return;
  const { module, protocol, user, readOnly, initial, slot } = admission;
  try {
    const filterRules = moduleFilterRules(module);
    const root = openModule(admission);
    const { hostName, address } = admission.peer;
    const request = {
      module,
      filterRules,
      protocol,
      peer: { hostName, address },
      user,
      readOnly,
      algorithmLists: algorithmListsOf(environment),
      bwlimit: settings.bwlimit,
    };
    const logHere = (text: ByteString) => daemonLog.write(text, { file: module.logFile });
    await serveModule({ request, stream, initial, root, log: logHere });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    log(error.message);
    stream.write(`${error.message}\n`);
  } finally {
    slot.release();
  }
}

/** Becomes who the module's sessions are to be, and opens its directory. @throws StartError with the client's line. */
function openModule({ module }: Admission): ReturnType<typeof becomeIdentity> {
  const problem = moduleProblem(module);
  if (problem !== null) throw new StartError(`@ERROR: ${problem}`);
  const resolved = resolveModuleIdentity(module);
  if (!resolved.ok) throw new StartError(resolved.client);
  const { uid, gid, groups } = resolved.identity;
  const { path, insecureLinks } = module;
  return becomeIdentity({ path, inode: "", uid, gid, groups: [...groups], insecureLinks });
}

function addressIn(environment: DaemonWorld["environment"]): string {
  const name = ADDRESS_VARIABLES.find((variable) => environment[variable]);
  return normalizeAddress(environment[name ?? ""]?.split(" ", 1)[0] ?? "0.0.0.0");
}
