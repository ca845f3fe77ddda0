/**
 * Getting ready for `-A` and `-X`, on either side.
 * @module
 */
import { ProtocolError, UnsupportedError } from "@tsrsync/protocol";
import { loadListHash } from "@tsrsync/protocol/checksum";
import type { SessionFilters } from "../filter/session-filters.js";
import type { Destination } from "../receiver/destination.js";
import { nodeHashProviders } from "../session/hash-providers.js";
import type { Session } from "../session/session.js";
import type { FileTree } from "../tree/file-tree.js";
import { ExtendedAttributes } from "./extended-attributes.js";
import { SourceAttributes } from "./source-attributes.js";
import { Xattrs } from "./xattrs.js";

/** The long values' digests are MD5 whatever was negotiated, and not seeded. */
const loadMd5 = ({ protocol }: Session) => loadListHash("md5", protocol, nodeHashProviders());

const isAsked = ({ options }: Session): boolean => options.acls || options.xattrs > 0;

/** @throws ProtocolError when the protocol is too old for what the options ask for. */
export function assertProtocolAllows({ options, protocol, isLocal }: Session): void {
  if (protocol >= 30 || isLocal) return;
  const needs = options.acls ? "--acls" : options.xattrs > 0 ? "--xattrs" : null;
  if (needs === null) return;
  throw new ProtocolError(`${needs} requires protocol 30 or higher (negotiated ${protocol}).`);
}

/** @throws UnsupportedError (exit 4) when `-A`, `-X` or `--fake-super` asks for what this system, or this installation, has no way to. */
export function assertReachable(session: Session, tree: FileTree): void {
  const { options, isServer } = session;
  if (tree.reachesAttributes || !(isAsked(session) || options.superUser === "fake")) return;
  const what = options.acls ? "ACLs" : "extended attributes";
  throw new UnsupportedError(
    `${what} are not supported on this ${isServer ? "server" : "client"}: they need Linux and the package koffi`,
  );
}

/** What a sender needs; `null` without `-A` and `-X`. */
export async function prepareSource(
  session: Session,
  filters: SessionFilters,
): Promise<SourceAttributes | null> {
  if (!isAsked(session)) return null;
  const takesOwn = session.options.xattrs > 1;
  const names = { scope: filters.own.at(""), takesOwn, superUser: true };
  return new SourceAttributes(session, names, await loadMd5(session));
}

/** Makes a destination ready; does nothing without `-A` and `-X`. */
export async function prepareDestination(
  session: Session,
  destination: Destination,
  filters: SessionFilters,
): Promise<void> {
  assertReachable(session, destination.tree);
  if (!isAsked(session)) return;
  const { xattrs } = session.options;
  const { superUser } = destination.privileges;
  const names = { scope: filters.own.at(""), takesOwn: xattrs > 1, superUser };
  destination.extended = new ExtendedAttributes(
    session,
    destination,
    xattrs > 0 ? new Xattrs(names, await loadMd5(session)) : null,
  );
}
