/**
 * This machine as the place of sources and destinations: paths of the user, in which links are followed.
 * @module
 */
import { statSync } from "node:fs";
import type { ByteString } from "@tsrsync/protocol/wire";
import {
  type Confinement,
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

/** Where a pull may go to: anywhere. Other directories that options name are `within` that of `--confine-root`. */
export function localPlace(within: Confinement | null): DestinationPlace {
  return {
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
    enterAside(directory, path, links) {
      const where = path.startsWith("/") ? path : `${directory}/${path}`;
      return openOperatorDirectory(where, links, { followLinks: false, within });
    },
  };
}

/** What a push may name; rules may name files within the directory of `--confine-root` only. */
export function localSources(within: Confinement | null): SourcePlace {
  return {
    enter: (directory, linksLeadOut) => openTree(directory, { followLinks: true, linksLeadOut }),
    filterPlaceOf: (directory) => localFilterPlace(directory, within),
    describe: (directory, name) => describeLocal(joinPaths(directory, name)),
  };
}
