/**
 * Where a daemon listens (spec 5-daemon, 5.2.4).
 * @module
 */
import { type LookupAddress, lookup } from "node:dns";
import { isIP, type Server } from "node:net";
import { ExitCode, RsyncError } from "@tsrsync/protocol";
import { errorCode, errorText } from "@tsrsync/transfer";

export interface BindRequest {
  port: number;
  /** A name or address; `null`: everywhere. */
  address: string | null;
  backlog: number;
  family?: 4 | 6 | undefined;
}

const ADDRESS_FAMILIES = { 4: 2, 6: 10 } as const;

/** An address to listen at; without a host all of both families. */
interface Place {
  host?: string;
  family: 4 | 6;
}

/**
 * Opens a socket at each address of a name; that some can not be had does not matter as long as one can.
 * @returns the servers that listen
 * @throws RsyncError 10 with a line for each failure.
 */
export async function bindSockets(
  makeServer: () => Server,
  request: BindRequest,
): Promise<Server[]> {
  const servers: Server[] = [];
  const failures: unknown[] = [];
  const lines: string[] = [];
  for (const place of await placesOf(request)) {
    const server = makeServer();
    try {
      await listenAt(server, place, request);
      servers.push(server);
    } catch (error) {
      failures.push(error);
      const why = errorText(errorCode(error) ?? "EINVAL");
      lines.push(`bind() failed: ${why} (address-family ${ADDRESS_FAMILIES[place.family]})`);
    }
  }
  if (servers.length > 0) return servers;
  lines.push(`unable to bind any inbound sockets on port ${request.port}`);
  throw new RsyncError(ExitCode.SocketIo, lines.join("\n"), { cause: failures[0] });
}

async function placesOf({ address, family }: BindRequest): Promise<Place[]> {
  if (address === null) {
    if (family === undefined) return [{ family: 6 }];
    return [{ host: family === 4 ? "0.0.0.0" : "::", family }];
  }
  const own = isIP(address);
  if (family !== undefined && own !== 0 && own !== family) {
    throw lookupError(address, "Address family for hostname not supported");
  }
  const found = await new Promise<LookupAddress[]>((resolve, reject) => {
    lookup(address, { all: true, family: family ?? 0 }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(lookupError(address, "Name or service not known", error));
    });
  });
  return found.map(({ address: host, family: kind }) => ({ host, family: kind === 6 ? 6 : 4 }));
}

function lookupError(address: string, why: string, cause?: Error): RsyncError {
  const text = `getaddrinfo: bind address ${address}: ${why}`;
  return new RsyncError(ExitCode.SocketIo, text, { cause });
}

function listenAt(server: Server, place: Place, { port, backlog }: BindRequest): Promise<void> {
  const { host, family } = place;
  const where = host === undefined ? {} : { host, ipv6Only: family === 6 };
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, backlog, ...where }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
