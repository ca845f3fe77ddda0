/**
 * What the mirror shows over http: `/metrics`, `/status` and `/healthz`. Nothing can be changed through it.
 * @module
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import type { WebSettings } from "../config/settings.js";
import { LONGEST_TIMER } from "../config/units.js";
import type { MirrorStatus } from "../control/types.js";
import type { Logger } from "../log/logger.js";
import { isHealthy } from "../status/health.js";
import { createLogins, type Logins } from "./logins.js";
import type { Metrics } from "./metrics.js";

const MAX_CONNECTIONS = 64;
/** Longest life of a connection, whatever comes over it. */
const CONNECTION_MS = 120_000;
const NEVER_MS = LONGEST_TIMER;

/** A web address that answers. */
export interface WebServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface WebSources {
  status: () => MirrorStatus;
  metrics: Metrics;
}

interface Answer {
  code: number;
  type?: string;
  body: string;
}

const text = (code: number, body: string): Answer => ({ code, body: `${body}\n` });

function health(status: MirrorStatus, address: URL): Answer {
  const limit = address.searchParams.get("maxLag");
  const isGood = isHealthy(status, limit === null ? Number.POSITIVE_INFINITY : Number(limit));
  // Without a limit it tells whether the mirror lives: to start it anew because a target is down would help nobody.
  return text(limit === null || isGood ? 200 : 503, isGood ? "ok" : "degraded");
}

async function answer(
  settings: WebSettings,
  sources: WebSources,
  logins: Logins | null,
  request: IncomingMessage,
): Promise<Answer> {
  const address = new URL(request.url ?? "/", "http://mirror");
  if (request.method !== "GET" && request.method !== "HEAD") return text(405, "method not allowed");
  if (address.pathname === "/healthz") return health(sources.status(), address);
  if (
    logins === null ? !isDirect(request) : !(await logins.accepts(request.headers.authorization))
  ) {
    return text(logins === null ? 403 : 401, "not allowed");
  }
  if (address.pathname === "/metrics" && settings.metrics) {
    return { code: 200, type: sources.metrics.contentType, body: await sources.metrics.text() };
  }
  if (address.pathname !== "/status") return text(404, "not found");
  const body = `${JSON.stringify(sources.status())}\n`;
  return { code: 200, type: "application/json", body };
}

/**
 * Whether the request names this host by an IP address or as localhost. Without logins others are turned away: a page on the
 * web could make a browser ask under a name of its own and read what it gets.
 */
function isDirect({ headers }: IncomingMessage): boolean {
  const host = (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || isIP(host) !== 0;
}

function send(response: ServerResponse, { code, type = "text/plain", body }: Answer): void {
  response.writeHead(code, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'",
    ...(code === 401 ? { "www-authenticate": 'Basic realm="tsrsync-watch"' } : {}),
  });
  response.end(body);
}

/** Node's own check for slow clients is a timer that never rests; connections have an end here instead. */
const SERVER_OPTIONS = { connectionsCheckingInterval: NEVER_MS, keepAliveTimeout: 5000 };

async function createWebServer({ tls }: WebSettings): Promise<Server> {
  const server =
    tls === null
      ? createServer(SERVER_OPTIONS)
      : createTlsServer({
          ...SERVER_OPTIONS,
          cert: await readFile(tls.cert),
          key: await readFile(tls.key),
          minVersion: "TLSv1.2",
        });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("connection", (socket) => {
    const timer = setTimeout(() => socket.destroy(), CONNECTION_MS).unref();
    socket.once("close", () => clearTimeout(timer));
  });
  return server;
}

function warnIfOpen({ host, users }: WebSettings, logger: Logger): void {
  const isLocal = host === "localhost" || host === "::1" || host.startsWith("127.");
  if (users === null && !isLocal) {
    logger.warn("web address is open to everybody who can reach it: set web.auth.users", { host });
  }
}

/**
 * Opens the address.
 * @throws RangeError for logins that can not be read, else the system's error
 */
export async function openWebServer(
  settings: WebSettings,
  sources: WebSources,
  logger: Logger,
): Promise<WebServer> {
  const logins = settings.users === null ? null : createLogins(settings.users);
  warnIfOpen(settings, logger);
  const server = await createWebServer(settings);
  server.on("request", (request, response) => {
    answer(settings, sources, logins, request)
      .catch((error: unknown) => {
        logger.error("web request failed", { path: request.url, reason: String(error) });
        return text(500, "failed");
      })
      .then((found) => send(response, found))
      .catch(() => response.destroy()); // the client is gone
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
