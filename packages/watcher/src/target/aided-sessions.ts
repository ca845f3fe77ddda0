/**
 * Sessions that send moved files to a target without hard links, each with the option that finds their data there
 * (spec 6, 3.5).
 * @module
 */
import type { ByteString } from "@tsrsync/protocol/wire";
import type { MovedFile } from "@tsrsync/transfer";
import type { AlternateDirectory } from "tsrsync";
import { type RenameOption, renameWay } from "./rename-ways.js";

/** One session. */
export interface AidedSession {
  readonly option: RenameOption;
  /** The directory that is sent, and written to; relative to the root. */
  readonly directory: ByteString;
  readonly alternate: AlternateDirectory | undefined;
  /** New names, relative to the root. */
  readonly files: ByteString[];
}

export interface AidPlanning {
  /** What the target takes. */
  readonly options: readonly RenameOption[];
  /** The old names stay at the target: a link would make one file of two. */
  readonly keepsOldNames: boolean;
  /** Whether a file is written like most. */
  isUsual(path: ByteString): boolean;
}

/** The sessions for those of the moved files that need not be sent. */
export function planAidedSessions(
  moved: readonly MovedFile[],
  { options, keepsOldNames, isUsual }: AidPlanning,
): AidedSession[] {
  const usable = keepsOldNames ? options.filter((option) => option !== "link-dest") : options;
  const sessions = new Map<ByteString, AidedSession>();
  for (const file of moved) {
    const way = renameWay(file, usable);
    if (way === null || !isUsual(file.to)) continue;
    const { directory, old } = way;
    const key = old === null ? "" : `${directory}\0${old}`;
    let session = sessions.get(key);
    if (session === undefined) {
      session = { directory, files: [], ...aid(directory, old, usable) };
      sessions.set(key, session);
    }
    session.files.push(file.to);
  }
  return [...sessions.values()];
}

function aid(
  directory: ByteString,
  old: ByteString | null,
  options: readonly RenameOption[],
): Pick<AidedSession, "option" | "alternate"> {
  if (old === null) return { option: "fuzzy", alternate: undefined };
  const isLinked = options.includes("link-dest");
  const path = relativePath(directory, old);
  return {
    option: isLinked ? "link-dest" : "copy-dest",
    alternate: { kind: isLinked ? "link" : "copy", path },
  };
}

/** The way from one directory to another. */
function relativePath(from: ByteString, to: ByteString): ByteString {
  const down = to === "" ? [] : to.split("/");
  const up = from === "" ? [] : from.split("/");
  let common = 0;
  while (common < up.length && up[common] === down[common]) common++;
  return [...up.slice(common).map(() => ".."), ...down.slice(common)].join("/") || ".";
}
