/**
 * Addresses of targets: `rsync://[user@]host[:port]/module[/directory]` and `ssh://[user@]host[:port]/path`.
 * @module
 */

/** An address, taken apart. */
export interface TargetUrl {
  readonly scheme: "rsync" | "ssh";
  readonly user: string | null;
  /** Without brackets. */
  readonly host: string;
  readonly port: number | null;
  /** `module/directory` for a daemon, an absolute path for ssh; neither ends in a slash. Empty in a group's member. */
  readonly path: string;
}

const FORM =
  "expected rsync://[user@]host[:port]/module[/directory] or ssh://[user@]host[:port]/path";

/** Reads an address; a text instead says what is wrong with it. */
export function parseTargetUrl(text: string): TargetUrl | string {
  const match =
    /^([a-z][a-z0-9+.-]*):\/\/(?:([^/@]*)@)?(\[[^\]/]+\]|[^/:@]*)(?::([^/]*))?(\/.*)?$/is.exec(
      text,
    );
  if (match === null) return `${FORM}, got ${JSON.stringify(text)}${hint(text)}`;
  const [, scheme, user = null, bracketed, portText, path = ""] = match;
  const name = scheme!.toLowerCase();
  if (name === "rsyncs") return "rsyncs://: this version does not have TLS to a daemon of ours";
  if (name !== "rsync" && name !== "ssh") return `${FORM}, got the scheme "${scheme}"`;
  if (user?.includes(":")) return "a password does not belong into an address: use auth.password";
  const host = bracketed!.replace(/^\[(.*)\]$/, "$1");
  if (host === "" || host.startsWith("-")) return `${FORM}, got no host in ${JSON.stringify(text)}`;
  const port = portText === undefined ? null : parsePort(portText);
  if (Number.isNaN(port)) return `expected a port from 1 to 65535, got ${JSON.stringify(portText)}`;
  return { scheme: name, user, host, port, path: cleanPath(name, path) };
}

function hint(text: string): string {
  const daemon = /^((?:[^/:]*@)?[^/:]+)::(.+)$/.exec(text);
  if (daemon !== null) return ` (did you mean rsync://${daemon[1]}/${daemon[2]}?)`;
  const shell = /^((?:[^/:]*@)?[^/:]+):(\/.*)$/.exec(text);
  return shell === null ? "" : ` (did you mean ssh://${shell[1]}${shell[2]}?)`;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  return port >= 1 && port <= 0xffff ? port : Number.NaN;
}

function cleanPath(scheme: "rsync" | "ssh", path: string): string {
  const parts = path.split("/").filter((each) => each !== "" && each !== ".");
  return (scheme === "ssh" && path !== "" ? "/" : "") + parts.join("/");
}

/** The address as one text. */
export function formatTargetUrl({ scheme, user, host, port, path }: TargetUrl): string {
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const authority = `${user === null ? "" : `${user}@`}${shownHost}${port === null ? "" : `:${port}`}`;
  return `${scheme}://${authority}/${scheme === "ssh" ? path.slice(1) : path}`;
}

/** The address with `below` added to its path. */
export function joinTargetUrl(url: TargetUrl, below: string): TargetUrl {
  return { ...url, path: cleanPath(url.scheme, `${url.path}/${below}`) };
}
