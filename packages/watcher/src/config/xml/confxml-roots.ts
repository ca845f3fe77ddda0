/**
 * Roots and targets of a confxml.xml: every `<localpath>`, each with all of its `<remote>`s.
 * @module
 */
import { basename } from "node:path";
import { DraftMap, type DraftValue } from "../draft.js";
import { freeName, nameFrom } from "../load/names.js";
import type { MapNode } from "../node.js";
import { formatTargetUrl } from "../target-url.js";
import type { ConfXml } from "./confxml.js";
import type { XmlElement } from "./elements.js";

interface Login {
  readonly user: string | null;
  readonly passwordFile: string | null;
  readonly port: number | null;
  readonly ssh: boolean;
}

/** Fills `roots`. `hooks` go to each of them. */
export function addRoots(file: ConfXml, top: DraftMap, hooks: readonly MapNode[]): void {
  const { attributes, sersync, problems } = file;
  const paths = attributes.children(sersync, "localpath");
  if (paths.length === 0) problems.add(sersync.place, "<sersync> has no <localpath>");
  const login = readLogin(file, attributes.child(sersync, "rsync"), top.section("defaults"));
  const names = new Set<string>();
  const roots = paths.flatMap((path) => oneRoot(file, path, login, names, hooks));
  top.set(
    "roots",
    roots,
    paths.length > 1
      ? "sersync used the first <localpath> only; all are mirrored here."
      : undefined,
  );
}

function readLogin(file: ConfXml, rsync: XmlElement | null, defaults: DraftMap): Login {
  const { attributes } = file;
  const auth = attributes.child(rsync, "auth");
  const hasAuth = attributes.isOn(auth, false);
  const portElement = attributes.child(rsync, "userDefinedPort");
  const port = attributes.isOn(portElement, false)
    ? attributes.number(portElement!, "port", 874)
    : null;
  const ssh = attributes.isOn(attributes.child(rsync, "ssh"), false);
  const user = hasAuth ? auth!.attributes.get("users")?.trim() || null : null;
  const passwordFile =
    hasAuth && !ssh ? auth!.attributes.get("passwordfile")?.trim() || null : null;
  if (hasAuth && user === null) attributes.warn(auth!, '<auth> has no "users"');
  if (hasAuth && ssh)
    attributes.warn(auth!, "over ssh the user logs in with a key; the password file is not used");
  if (passwordFile !== null) {
    const node = { kind: "file", path: file.path(passwordFile), place: auth!.place } as const;
    defaults
      .section("auth")
      .set("password", node, "auth passwordfile: others must not be able to read it.");
  }
  return { user, passwordFile, port, ssh };
}

function oneRoot(
  file: ConfXml,
  element: XmlElement,
  login: Login,
  names: Set<string>,
  hooks: readonly MapNode[],
): MapNode[] {
  const { attributes, problems } = file;
  const watch = attributes.required(element, "watch", problems);
  if (watch === null) return [];
  const path = file.path(watch).replace(/(?<=.)\/+$/, "");
  const root = new DraftMap(element.place);
  root.set("name", freeName(nameFrom(basename(path)), names));
  root.set("path", path);
  const remotes = attributes.children(element, "remote");
  if (remotes.length === 0)
    problems.add(element.place, `<localpath watch="${watch}"> has no <remote>`);
  const taken = new Set<string>();
  root.set(
    "targets",
    remotes.flatMap((remote) => oneTarget(file, remote, login, taken)),
  );
  if (hooks.length > 0) root.set("hooks", hooks);
  return [root.build()];
}

function oneTarget(
  file: ConfXml,
  remote: XmlElement,
  login: Login,
  taken: Set<string>,
): DraftValue[] {
  const { attributes, problems } = file;
  const host = attributes.required(remote, "ip", problems);
  const name = attributes.required(remote, "name", problems);
  if (host === null || name === null) return [];
  if (!/^[^\s/@]+$/.test(host)) {
    problems.add(remote.place, `expected the name or address of a host, got ip="${host}"`);
    return [];
  }
  const { user, port, ssh } = login;
  const path = ssh ? `/${name.replace(/^\/+/, "")}` : name.replace(/^\/+|\/+$/g, "");
  if (ssh && !name.startsWith("/"))
    problems.add(remote.place, `over ssh name="${name}" must be an absolute path`);
  const url = formatTargetUrl({
    scheme: ssh ? "ssh" : "rsync",
    user,
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: ssh ? null : port,
    path,
  });
  const target = new DraftMap(remote.place);
  target.set("name", freeName(nameFrom(`${host}-${name}`), taken), undefined, remote.place);
  target.set("url", url, undefined, remote.place);
  return [target.build()];
}
