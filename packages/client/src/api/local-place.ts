/**
 * This machine as the place of sources and destinations: paths of the user, in which links are followed.
 * @module
 */
import { mkdirSync, statSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type DestinationPlace,
  errorCode,
  fromNodeStat,
  looksThroughLinks,
  openOperatorDirectory,
  openTree,
  parseSourceArgument,
  type Session,
  type Source,
} from "@tsrsync/transfer";

import { localFilterPlace } from "./filters.js";

const bytesOf = (path: ByteString): Buffer => Buffer.from(path, "latin1");

/** A path as texts show it: quoted and absolute. A slash at its end stays. */
export function describeLocal(path: ByteString): ByteString {
  const here = Buffer.from(process.cwd(), "utf8").toString("latin1");
  const absolute = path.startsWith("/") ? path : `${here}/${path}`;
  const plain = absolute.replace(/(\/\.)+(?=\/|$)/g, "").replace(/\/+$/, "/");
  return `"${plain || "/"}"`;
}

/** Where a pull may go to. */
export const LOCAL_PLACE: DestinationPlace = {
  statFollowing(path) {
    try {
      return fromNodeStat(statSync(bytesOf(path), { bigint: true }));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return null;
      throw error;
    }
  },
  makeDirectory(path, mode) {
    mkdirSync(bytesOf(path), { mode });
  },
  enter: (path, followLinks) => openTree(path, { followLinks }),
  enterAside: (directory, path) =>
    openOperatorDirectory(path.startsWith("/") ? path : `${directory}/${path}`),
};

/** Opens the sources of a push. One that can not be entered is reported, and the others go on. */
export function openLocalSources(session: Session, paths: readonly ByteString[]): Source[] {
  const sources: Source[] = [];
  const linksLeadOut = looksThroughLinks(session.options);
  for (const path of paths) {
    const { directory, name } = parseSourceArgument(path);
    const prefix = directory === "/" ? "/" : `${directory}/`;
    const describe = (inner: ByteString) =>
      describeLocal(inner === "." ? directory : prefix + inner);
    try {
      const tree = openTree(directory, { followLinks: true, linksLeadOut });
      sources.push({ tree, name, filterPlace: localFilterPlace(directory), describe });
    } catch (error) {
      session.changeDirectoryFailed(describeLocal(directory), error);
    }
  }
  return sources;
}
