/**
 * This machine as the place of sources and destinations: paths of the user, in which links are followed.
 * @module
 */
import { statSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type DestinationPlace,
  errorCode,
  fromNodeStat,
  joinPaths,
  openOperatorDirectory,
  openTree,
  type SourcePlace,
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
    const { tree, missing } = openOperatorDirectory(path);
    try {
      tree.makeDirectory(missing, mode);
    } finally {
      tree.close();
    }
  },
  enter(path, followLinks, links) {
    const { tree, missing } = openOperatorDirectory(path, links);
    try {
      return tree.subtree(missing, { followLinks });
    } finally {
      tree.close();
    }
  },
  enterAside: (directory, path, links) =>
    openOperatorDirectory(path.startsWith("/") ? path : `${directory}/${path}`, links),
};

/** What a push may name. */
export const LOCAL_SOURCES: SourcePlace = {
  enter: (directory, linksLeadOut) => openTree(directory, { followLinks: true, linksLeadOut }),
  filterPlaceOf: localFilterPlace,
  describe: (directory, name) => describeLocal(joinPaths(directory, name)),
};
